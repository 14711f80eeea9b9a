// Put at the end of a copy of a log: expands all of it, looks at the blocks and writes what it found into the page.
(function () {
    function all(selector, root) {
        return Array.from((root || document).querySelectorAll(selector));
    }

    function light(colour) {
        const parts = colour.match(/[\d.]+/g).slice(0, 3).map(function (part) {
            const share = part / 255;
            return share <= 0.03928 ? share / 12.92 : Math.pow((share + 0.055) / 1.055, 2.4);
        });
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    }

    function contrast(element) {
        let ground = element;
        while (/^rgba\(.*, 0\)$|^transparent$/.test(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
        const pair = [light(getComputedStyle(element).color), light(getComputedStyle(ground).backgroundColor)].sort(function (a, b) { return a - b; });
        return (pair[1] + 0.05) / (pair[0] + 0.05);
    }

    function overflowing(block) {
        const right = block.parentElement.getBoundingClientRect().right + 0.5;
        // What is in a part that can be moved to and fro is in sight there.
        return all('*', block).filter(function (part) { return !part.parentElement.closest('.iperf-scroll') && part.getBoundingClientRect().right > right; })
            .map(function (part) { return part.tagName + ' ' + part.textContent.slice(0, 40); });
    }

    function look() {
        const blocks = all('.iperf-block');
        const texts = all('.iperf-block, .iperf-badge, .iperf-asked, .iperf-trouble, .iperf-files a');
        const suite = document.getElementById('s1');
        const found = document.createElement('pre');
        const text = JSON.stringify({
            theme: document.body.dataset.theme,
            title: document.title,
            blocks: blocks.length,
            charts: blocks.filter(function (block) { return block.querySelector('svg[role=img] path'); }).length,
            scripts: all('.iperf-block script, .iperf-block img').length,
            overflowing: [].concat.apply([], blocks.map(overflowing)),
            beyond: suite.scrollWidth - suite.clientWidth,
            contrast: Math.min.apply(null, texts.map(contrast)),
            links: all('.iperf-files a').map(function (link) { return link.href; }),
        });
        found.id = 'found';
        found.textContent = text;
        document.body.appendChild(found);
    }

    setTimeout(function () { expandAll('s1'); }, 500);
    setTimeout(function () { all('details').forEach(function (part) { part.open = true; }); }, 3000);
    setTimeout(function () { /* BREAK */ }, 3500);
    setTimeout(look, 4000);
}());

"""The style and the script of the report: texts that are the same in each, so that its policy can name them by their hashes. Pure."""

STYLE = """
:root { color-scheme: light dark; --bg: #fff; --panel: #f5f7f9; --text: #1c2128; --soft: #57606a; --line: #d5dae0;
  --accent: #0a58ca; --area: #0a58ca22; --second: #9a3fb5; --good: #176f2c; --bad: #b42318; --warn: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --bg: #12161c; --panel: #1b212a; --text: #e4e8ed; --soft: #9aa5b1; --line: #323b47;
  --accent: #6cb0ff; --area: #6cb0ff26; --second: #d798ee; --good: #5fce7c; --bad: #ff8b80; --warn: #e2b13c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1400px; padding: 20px 24px 60px; background: var(--bg); color: var(--text);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { font-size: 24px; margin: 0 0 2px; } h2 { font-size: 18px; margin: 32px 0 10px; } h3 { font-size: 14px; margin: 0; }
p { margin: 0; } a { color: var(--accent); } .about { color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
td, h3, .about, dd, li { unicode-bidi: isolate; }
.totals { display: flex; flex-wrap: wrap; gap: 10px; margin: 16px 0 10px; padding: 0; list-style: none; }
.totals li { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 8px 16px; min-width: 96px; }
.totals b { display: block; font-size: 22px; line-height: 1.2; font-variant-numeric: tabular-nums; } .totals span { color: var(--soft); font-size: 13px; }
.totals .failed b, .bad, .failed .sign, .worse { color: var(--bad); } .totals .passed b, .passed .sign, .better { color: var(--good); }
.tolerated .sign, .totals .tolerated b { color: var(--warn); } .same { color: var(--soft); } .now span { white-space: nowrap; } .row td:first-child { white-space: pre; }
.problems { border-left: 4px solid var(--warn); background: var(--panel); padding: 8px 14px 8px 28px; margin: 12px 0; overflow-wrap: anywhere; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(260px, 1fr)); gap: 12px; margin: 0 0 12px; padding: 0; list-style: none; }
.card { border: 1px solid var(--line); border-radius: 8px; padding: 10px 12px; background: var(--panel); display: flex; flex-direction: column;
  content-visibility: auto; contain-intrinsic-size: auto 200px; overflow-wrap: anywhere; }
.card .now { margin-top: 4px; } .card svg { margin-top: auto; } svg { display: block; width: 100%; height: auto; overflow: visible; }
.axis, .grid { stroke: var(--line); fill: none; } .level { stroke: var(--soft); stroke-dasharray: 3 3; fill: none; }
.line { stroke: var(--accent); stroke-width: 1.8; fill: none; stroke-linejoin: round; } .line.second { stroke: var(--second); }
.area { fill: var(--area); } .low { stroke: var(--accent); stroke-width: 1; stroke-dasharray: 2 2; fill: none; } .low.second { stroke: var(--second); }
.bar { fill: var(--bad); } .touch { fill: transparent; } .touch:hover { fill: var(--area); } svg text { fill: var(--soft); font-size: 11px; }
circle { fill: var(--soft); stroke: var(--panel); stroke-width: 1.5; } circle.passed { fill: var(--accent); } circle.failed { fill: var(--bad); } circle.tolerated { fill: var(--warn); }
.cross { stroke: var(--bad); stroke-width: 2; } svg a:hover circle { r: 5px; }
a:focus-visible, button:focus-visible, input:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
summary { cursor: pointer; color: var(--accent); padding: 4px 0; margin-bottom: 8px; }
.tools { display: none; flex-wrap: wrap; gap: 10px; align-items: center; position: sticky; top: 0; background: var(--bg); padding: 8px 0; z-index: 2; }
.js .tools { display: flex; } #more { display: none; } .js #more:not([hidden]) { display: block; margin: 12px auto; }
.tools input { font: inherit; color: inherit; background: var(--bg); border: 1px solid var(--line); border-radius: 6px; padding: 6px 10px; flex: 1 1 220px; min-width: 0; max-width: 420px; }
.tools button, #more { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 6px 11px; cursor: pointer; }
.tools button[aria-pressed="true"] { background: var(--accent); border-color: var(--accent); color: var(--bg); }
table { border-collapse: collapse; width: 100%; } .results { table-layout: fixed; }
th, td { text-align: left; padding: 6px 8px; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
.results thead th { font-size: 13px; color: var(--soft); font-weight: 600; border-bottom: 2px solid var(--line); overflow-wrap: normal; }
.number { text-align: right; font-variant-numeric: tabular-nums; } .results td { font-size: 14px; } .row td:nth-child(n + 5):nth-child(-n + 8) { text-align: right; font-variant-numeric: tabular-nums; }
.c-time { width: 11%; } .c-test { width: 31%; } .c-link { width: 14%; } .c-protocol { width: 10%; } .c-rate { width: 10%; } .c-figure { width: 7.5%; } .c-jitter { width: 8%; } .c-verdict { width: 10%; }
th button, td > button { font: inherit; color: inherit; background: none; border: 0; padding: 0; text-align: inherit; cursor: pointer; overflow-wrap: anywhere; }
th button { font-weight: 600; } th button::after { content: " ↕"; opacity: .35; } th[aria-sort="ascending"] button.sorted::after { content: " ↑"; opacity: 1; } th[aria-sort="descending"] button.sorted::after { content: " ↓"; opacity: 1; }
td > button { font-weight: 600; } .js td > button::before { content: "▸ "; color: var(--soft); } .js td > button[aria-expanded="true"]::before { content: "▾ "; }
.suite, .why { display: block; font-size: 12.5px; color: var(--soft); } .why { color: var(--bad); } .tolerated .why { color: var(--warn); }
.js tbody tr.row { cursor: pointer; } tbody tr.row:hover, tbody tr.open { background: var(--panel); } tr[hidden], .js tr.late { display: none; } tr:target td { background: var(--area); }
.detail > td { background: var(--panel); padding: 12px 16px 20px; } .detail h4 { margin: 14px 0 4px; font-size: 13px; color: var(--soft); }
.detail .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(340px, 100%), 1fr)); gap: 4px 28px; }
.detail table { width: auto; } .detail table th, .detail table td { padding: 2px 14px 2px 0; font-size: 13.5px; border: 0; overflow-wrap: normal; } .detail thead th { color: var(--soft); font-size: 12.5px; }
.detail tbody th { font-weight: 400; color: var(--soft); } dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; margin: 0; font-size: 13.5px; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; } .detail ul { margin: 0; padding: 0; list-style: none; } .chart { max-width: 900px; margin-top: 4px; } .name { color: var(--accent); } .name.second { color: var(--second); }
@media (max-width: 900px) { body { padding: 14px 12px 40px; } th, td { padding: 5px 4px; } .results td { font-size: 13px; } .results thead th { font-size: 12px; }
  .results .row td:first-child { font-size: 12px; }
  .c-time { width: 13%; } .c-test { width: 28%; } .c-link { width: 13%; } .c-rate { width: 11%; } .c-figure { width: 8%; } .c-jitter { width: 8%; } .c-protocol { width: 11%; } .c-verdict { width: 13%; } svg text { font-size: 12.5px; } .card svg text { font-size: 11px; } th button:not(.sorted)::after { content: ""; } .totals li { padding: 6px 12px; min-width: 82px; } }
@media print { .tools { display: none !important; } .card { break-inside: avoid; } }
"""
"""Colours by variables, so that light and dark differ in those alone."""

START = 'document.documentElement.classList.add("js");'
"""Runs before anything is drawn, so that the rows that are not seen at first need not be laid out."""

SCRIPT = r"""
"use strict";
(() => {
  const table = document.querySelector(".results");
  if (!table) return;
  const body = table.tBodies[0], rows = [...body.rows], shownCount = document.getElementById("shown");
  const search = document.getElementById("search"), verdicts = [...document.querySelectorAll("[data-verdict]")];
  const state = { q: "", v: "", s: "", d: 1 };
  const words = new Map(), more = document.getElementById("more");
  let limit = Number(more.dataset.limit), ordered = rows;
  let details;

  // -- what a row opens
  const SVG = "http://www.w3.org/2000/svg";
  const make = (name, attributes = {}, ...inner) => fill(document.createElement(name), attributes, inner);
  const draw = (name, attributes = {}, ...inner) => fill(document.createElementNS(SVG, name), attributes, inner);
  const fill = (element, attributes, inner) => {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...inner);
    return element;
  };
  const detailOf = (row) => {
    details ??= JSON.parse(document.getElementById("details").textContent);
    return details[Number(row.id.slice(1))];
  };
  const show = (row, open) => {
    const button = row.querySelector("button"), next = row.nextElementSibling;
    const there = next && next.classList.contains("detail") ? next : null;
    button.setAttribute("aria-expanded", String(open));
    row.classList.toggle("open", open);
    if (there) there.remove();
    if (!open) return;
    row.after(make("tr", { class: "detail" }, make("td", { colspan: row.cells.length }, ...content(detailOf(row)))));
  };
  const content = (data) => {
    const parts = [];
    if (data.error) parts.push(make("p", { class: "bad" }, `✗ ${data.error[0]}`, data.error[1] ? ` (${data.error[1]})` : ""));
    for (const note of data.notes ?? []) parts.push(make("p", {}, note));
    if (data.verdicts) parts.push(make("h4", {}, "Verdicts"), make("ul", {}, ...data.verdicts.map(([text, passed]) =>
      make("li", { class: passed ? "passed" : "failed" }, make("span", { class: "sign" }, passed ? "✓ passed: " : "✗ failed: "), text))));
    if (data.chart) parts.push(...chart(data.chart));
    const columns = make("div", { class: "columns" });
    if (data.figures) columns.append(make("div", {}, make("h4", {}, "Figures"), figures(data)));
    const facts = make("div", {}, make("h4", {}, "Run"), make("dl", {}, ...(data.facts ?? []).flatMap(([label, value]) => [make("dt", {}, label), make("dd", {}, value)])));
    if (data.links) facts.append(make("h4", {}, "Files"), make("ul", {}, ...data.links.map(([label, href]) => make("li", {}, make("a", { href }, label)))));
    columns.append(facts);
    parts.push(columns);
    return parts;
  };
  const figures = (data) => {
    const head = make("thead", {}, make("tr", {}, make("td"), ...data.flows.map((name) => make("th", { scope: "col", class: "number" }, name))));
    return make("table", {}, head, make("tbody", {}, ...data.figures.map(([label, ...cells]) =>
      make("tr", {}, make("th", { scope: "row" }, label), ...cells.map((cell) => make("td", { class: "number" }, cell))))));
  };

  // -- charts
  const LEFT = 84, WIDE = 820, HIGH = 170, STRIP = 44;
  const ticks = (top) => {
    const raw = top / 4, power = 10 ** Math.floor(Math.log10(raw)), step = [1, 2, 2.5, 5, 10].find((s) => s * power >= raw) * power;
    return Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(6)));
  };
  const timed = (flow) => {
    const points = flow.y.length;
    if (flow.t.length < points) flow.t = Array.from({ length: points }, (_, i) => Number((flow.t[0] + i * flow.t[1]).toFixed(2)));
  };
  const chart = ({ unit, flows }) => {
    flows.forEach(timed);
    const ends = flows.map((flow) => flow.e ?? flow.t.at(-1)), last = Math.max(...ends), first = Math.min(0, ...flows.map((flow) => flow.t[0]));
    const top = 1.08 * Math.max(1e-9, ...flows.flatMap((flow) => flow.y.filter((y) => y !== null)));
    const x = (t) => LEFT + (WIDE - LEFT - 8) * (t - first) / Math.max(1e-9, last - first), y = (rate) => 8 + HIGH * (1 - rate / top);
    const strips = flows.flatMap((flow, i) => [["r", "retransmits"], ["p", "% lost"]].filter(([key]) => flow[key]).map(([key, label]) => ({ flow, end: ends[i], values: flow[key], label, name: flows.length > 1 ? flow.name : "" })));
    const high = HIGH + 34 + strips.length * (STRIP + 20);
    const svg = draw("svg", { viewBox: `0 0 ${WIDE} ${high}`, role: "img", "aria-label": `Rate from ${first} s to ${last} s` });
    for (const rate of ticks(top)) svg.append(draw("path", { class: "grid", d: `M${LEFT} ${y(rate)}H${WIDE - 8}` }), draw("text", { x: LEFT - 6, y: y(rate) + 4, "text-anchor": "end" }, String(rate)));
    svg.append(draw("text", { x: 0, y: 12 }, unit));
    for (const t of ticks(last - first)) svg.append(draw("text", { x: x(first + t), y: HIGH + 24, "text-anchor": "middle" }, `${Number((first + t).toPrecision(6))} s`));
    flows.forEach((flow, i) => curve(svg, flow, i, ends[i], x, y));
    strips.forEach((strip, i) => bars(svg, strip, HIGH + 34 + i * (STRIP + 20), x));
    flows.forEach((flow, i) => touch(svg, flow, ends[i], x, unit, flows.length, i));
    const names = flows.map((flow, i) => make("span", { class: i ? "name second" : "name" }, `━ ${flow.name} `));
    return [make("h4", {}, "Rate over time  ", ...names, flows.some((flow) => flow.l) ? "┄ lowest interval" : ""), make("div", { class: "chart" }, svg)];
  };
  const steps = (flow, end, values, x, y) => {
    let path = "", pen = false;
    values.forEach((value, i) => {
      if (value === null) { pen = false; return; }
      path += `${pen ? "L" : "M"}${x(flow.t[i]).toFixed(1)} ${y(value).toFixed(1)}H${x(flow.t[i + 1] ?? end).toFixed(1)}`;
      pen = true;
    });
    return path;
  };
  const curve = (svg, flow, i, end, x, y) => {
    const kind = i ? " second" : "", values = flow.y;
    if (!i && !values.includes(null)) svg.append(draw("path", { class: "area", d: `${steps(flow, end, values, x, y)}V${y(0)}H${x(flow.t[0])}Z` }));
    svg.append(draw("path", { class: `line${kind}`, d: steps(flow, end, values, x, y) }));
    if (flow.l) svg.append(draw("path", { class: `low${kind}`, d: steps(flow, end, flow.l, x, y) }));
  };
  const bars = (svg, { flow, end, values, label, name }, at, x) => {
    const top = Math.max(...values.map((value) => value ?? 0));
    svg.append(draw("text", { x: 0, y: at + 14 }, label), draw("text", { x: LEFT - 6, y: at + 28, "text-anchor": "end" }, `≤ ${top}`), draw("text", { x: 0, y: at + 42 }, name.slice(0, 12)), draw("path", { class: "grid", d: `M${LEFT} ${at + STRIP}H${WIDE - 8}` }));
    values.forEach((value, i) => {
      if (!value) return;
      const left = x(flow.t[i]), high = Math.max(2, STRIP * value / top);
      svg.append(draw("rect", { class: "bar", x: left, y: at + STRIP - high, width: Math.max(1, x(flow.t[i + 1] ?? end) - left - 1), height: high }));
    });
  };
  const touch = (svg, flow, end, x, unit, count, place) => {
    flow.t.forEach((t, i) => {
      const to = flow.t[i + 1] ?? end, said = [`${t} s to ${to} s`];
      const value = flow.y[i];
      said.push(value === null ? "rate unknown" : `${value} ${unit}`);
      if (flow.l) said.push(`lowest ${flow.l[i] ?? "unknown"} ${unit}`);
      if (flow.r) said.push(`${flow.r[i] ?? "unknown"} retransmits`);
      if (flow.p) said.push(`${flow.p[i] ?? "unknown"} % lost`);
      svg.append(draw("rect", { class: "touch", x: x(t), y: 8 + HIGH * place / count, width: Math.max(1, x(to) - x(t)), height: HIGH / count }, draw("title", {}, `${flow.name}: ${said.join(", ")}`)));
    });
  };

  // -- filter and order
  const textOf = (row) => {
    if (!words.has(row)) words.set(row, row.textContent.toLowerCase());
    return words.get(row);
  };
  const filter = () => {
    const asked = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of ordered) {
      const fits = (!state.v || row.classList.contains(state.v)) && asked.every((word) => textOf(row).includes(word));
      if (!fits && row.classList.contains("open")) show(row, false);
      row.hidden = !fits;
      count += fits;
      row.classList.toggle("late", fits && count > limit);
    }
    more.hidden = count <= limit;
    more.textContent = `Show all ${count}`;
    shownCount.textContent = `${count} of ${rows.length}`;
  };
  const keyOf = (row, { cell, part }) => {
    const found = row.cells[cell];
    if ("k" in found.dataset) return Number(found.dataset.k);
    const text = (part ? found.querySelector(part)?.textContent : found.textContent) ?? "";
    return text === "" || text === "–" ? null : text;
  };
  const order = () => {
    const column = columns.find((one) => one.name === state.s);
    const compare = (a, b) => typeof a === "string" ? a.localeCompare(b, undefined, { numeric: true }) : a - b;
    const keyed = rows.map((row, i) => [column ? keyOf(row, column) : i, i, row, row.nextElementSibling]);
    // What is not known comes last in either order.
    keyed.sort(([a, i], [b, j]) => (a === null) - (b === null) || (a === null ? 0 : compare(a, b) * state.d) || i - j);
    ordered = keyed.map(([, , row]) => row);
    body.append(...keyed.flatMap(([, , row, next]) => next && next.classList.contains("detail") ? [row, next] : [row]));
    for (const one of columns) {
      one.button.classList.toggle("sorted", one === column);
      if (one.button.closest("th") !== column?.button.closest("th")) one.button.closest("th").removeAttribute("aria-sort");
    }
    column?.button.closest("th").setAttribute("aria-sort", state.d > 0 ? "ascending" : "descending");
  };
  const columns = [];
  [...table.tHead.rows[0].cells].forEach((head, cell) => {
    for (const span of [...head.querySelectorAll("span")]) {
      const button = make("button", { type: "button" }, span.textContent);
      const column = { name: span.dataset.sort, cell, part: span.dataset.part, first: Number(span.dataset.first ?? 1), button };
      button.addEventListener("click", () => {
        state.d = state.s === column.name ? -state.d : column.first;
        state.s = column.name;
        order();
        filter();
        keep();
      });
      span.replaceWith(button);
      columns.push(column);
    }
  });

  // -- the state is in the address, so that a view can be sent to somebody
  const keep = () => {
    const said = new URLSearchParams(Object.entries(state).filter(([name, value]) => value && !(name === "d" && value === 1)));
    try { history.replaceState(null, "", `#${said}`); } catch { /* an address that may not be changed */ }
  };
  const press = () => verdicts.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.verdict === state.v)));
  const go = () => {
    const hash = location.hash.slice(1), target = /^r\d+$/.test(hash) ? document.getElementById(hash) : null;
    if (target) {
      if (target.classList.contains("late")) limit = Infinity;
      if (target.hidden) Object.assign(state, { q: "", v: "" });
      search.value = state.q;
      filter();
      show(target, true);
      target.scrollIntoView({ block: "center" });
      target.querySelector("button").focus({ preventScroll: true });
    } else if (hash.includes("=")) {
      const said = new URLSearchParams(hash);
      Object.assign(state, { q: said.get("q") ?? "", v: said.get("v") ?? "", s: said.get("s") ?? "", d: said.get("d") === "-1" ? -1 : 1 });
      search.value = state.q;
      order();
      filter();
    }
    press();
  };
  more.addEventListener("click", () => { limit = Infinity; filter(); });
  let pause;
  search.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(() => { state.q = search.value; filter(); keep(); }, 120);
  });
  for (const button of verdicts) button.addEventListener("click", () => { state.v = button.dataset.verdict; press(); filter(); keep(); });
  body.addEventListener("click", (event) => {
    const row = event.target.closest("tr.row");
    if (row && !event.target.closest("a") && !String(getSelection())) show(row, !row.classList.contains("open"));
  });
  addEventListener("hashchange", go);
  go();
})();
"""
"""Reads names and figures as text alone: it makes elements, never HTML."""

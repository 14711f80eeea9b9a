"""Results over many runs: a record of each, their files, and the page that is made of them. Pure."""

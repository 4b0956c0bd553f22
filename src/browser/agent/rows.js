// Reading rows: what oracles ask of a page, all of it at one time.

// A row may be a whole card, of which a pattern takes a part.
const ROWS_MAX = 2000, PART_MAX = 2000;
// How long a page may be kept busy with all of it.
const ROWS_MS = 400;
function partOf(p, row) {
  let e = row === document ? doc.documentElement : row;
  if (p.target) {
    const hits = find(p.target, row).filter(visible);
    // What is not there, or not one, is not read: the walk says so.
    if (hits.length !== 1) return null;
    e = hits[0];
  }
  if (p.attribute) { const v = $(e).getAttribute(p.attribute); return v === null ? null : brief(v, PART_MAX); }
  const value = $(e).tagName === 'SELECT' ? e.selectedOptions[0]?.label ?? '' : /^(INPUT|TEXTAREA)$/.test($(e).tagName) ? e.value : $(e).innerText;
  return brief(fold(value), PART_MAX);
}
function rows(args) {
  const until = performance.now() + ROWS_MS;
  const read = (w) => {
    const found = w.each ? find(w.each) : [document];
    if (found.doubt) return { lost: `${found.doubt.matches} elements answer to where the rows should be` };
    const all = w.each ? found.filter(visible) : found;
    if (all.length > ROWS_MAX) return { lost: `more than ${ROWS_MAX} rows` };
    const rows = [];
    for (const row of all) {
      if (performance.now() > until) return { lost: 'it takes too long' };
      const parts = w.read.map(([name, p]) => [name, partOf(p, row)]).filter(([, text]) => text !== null);
      rows.push({ key: w.key ? partOf(w.key, row) : '', read: Object.fromEntries(parts) });
    }
    return { rows };
  };
  const safely = (w) => { try { return read(w); } catch (error) { return { lost: brief(String(error), 200) }; } };
  return { url: brief(location.href, URL_MAX), rows: args.wanted.map(safely) };
}

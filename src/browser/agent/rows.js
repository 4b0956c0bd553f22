// Reading rows: what oracles ask of a page, all of it at one time.

const ROWS_MAX = 2000, PART_MAX = 300;
function partOf(p, row) {
  let e = row === document ? doc.documentElement : row;
  if (p.target) {
    const hits = find(p.target, row).filter(visible);
    // What is not there, or not one, says nothing here: the journeys say what must be seen.
    if (hits.length !== 1) return null;
    e = hits[0];
  }
  if (p.attribute) { const v = $(e).getAttribute(p.attribute); return v === null ? null : brief(v, PART_MAX); }
  const value = $(e).tagName === 'SELECT' ? e.selectedOptions[0]?.label ?? '' : /^(INPUT|TEXTAREA)$/.test($(e).tagName) ? e.value : $(e).innerText;
  return brief(fold(value), PART_MAX);
}
function rows(args) {
  const read = (w) => {
    const all = w.each ? find(w.each).filter(visible) : [document];
    if (all.length > ROWS_MAX) return null;
    const parts = (row) => w.read.map(([name, p]) => [name, partOf(p, row)]).filter(([, text]) => text !== null);
    return all.map((row) => ({ key: w.key ? partOf(w.key, row) : '', read: Object.fromEntries(parts(row)) }));
  };
  return { url: brief(location.href, URL_MAX), rows: args.wanted.map(read) };
}

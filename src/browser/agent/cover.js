// Covering: nothing that shows a secret can be read in a picture or a snapshot. Secrets come as one pattern of all
// their spellings, and as the short ones that are looked for in fields alone.

// Fields filled from secrets stay unreadable from the moment they are filled, whatever type the page gives them.
function mask(e) {
  state.fields.add(e);
  e.style.setProperty('-webkit-text-security', 'disc', 'important');
}
const SHOWN = /^(alt|placeholder|label|src|srcset|srcdoc|data|poster)$/;
// Each begins at the text's beginning: a pattern remembers where it last ended.
const marked = (pattern, text) => { pattern.lastIndex = 0; const hit = pattern.test(text); pattern.lastIndex = 0; return hit; };

// Texts are read as one, so that a secret in many elements is seen; a range finds its places again.
function boxesOfText(root, pattern, boxes) {
  const nodes = [];
  let text = '';
  const walk = doc.createTreeWalker(root, NodeFilter.SHOW_TEXT, (n) => n.parentNode && SILENT.test(n.parentNode.nodeName) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) { nodes.push({ n, at: text.length }); text += n.data; }
  const place = (at, end) => {
    let low = 0, high = nodes.length - 1;
    while (low < high) { const mid = (low + high + 1) >> 1; if (nodes[mid].at < at || (!end && nodes[mid].at === at)) low = mid; else high = mid - 1; }
    return [nodes[low].n, Math.min(at - nodes[low].at, nodes[low].n.data.length)];
  };
  for (const found of text.matchAll(pattern)) {
    if (!found[0]) continue;
    const range = doc.createRange();
    range.setStart(...place(found.index, false));
    range.setEnd(...place(found.index + found[0].length, true));
    boxes.push(...range.getClientRects());
  }
}
// An element shows an attribute by itself, or its style writes it before or behind it.
function boxesOfAttributes(root, pattern, boxes) {
  for (const e of $(root).querySelectorAll('*')) for (const a of $(e).attributes) {
    if (a.value.length < 4 || (a.name === 'value' && /^(INPUT|OPTION)$/.test($(e).tagName)) || !marked(pattern, a.value)) continue;
    if (a.name === 'style') throw new Error('a style of the page holds a secret: it may show anywhere');
    const written = ['::before', '::after', '::marker'].some((p) => /attr\(|["']/.test(getComputedStyle(e, p).content));
    if (SHOWN.test(a.name) || written) boxes.push(...$(e).getClientRects());
  }
}
function boxesOfFields(root, args, boxes, fields) {
  for (const e of $(root).querySelectorAll('input,textarea,select')) {
    const value = e.tagName === 'SELECT' ? [...e.selectedOptions].map((o) => o.label || o.text).join(' ') : e.value;
    if (!args.short.includes(value) && !(args.pattern && marked(args.pattern, value))) continue;
    if (e.tagName === 'TEXTAREA' || (e.tagName === 'INPUT' && TEXTLIKE.test(e.type))) fields.add(e); else boxes.push(...e.getClientRects());
  }
}
// Each sheet is read once, and again when it has other rules.
const sheetsRead = new WeakMap();
function readSheets(root, pattern) {
  for (const s of [...($(root).styleSheets || []), ...($(root).adoptedStyleSheets || [])]) {
    try {
      const key = s.cssRules.length + pattern.source;
      if (sheetsRead.get(s) !== key && [...s.cssRules].some((r) => marked(pattern, r.cssText))) throw new RangeError('a style sheet of the page holds a secret: it may show anywhere');
      sheetsRead.set(s, key);
    } catch (error) { if (error instanceof RangeError) throw error; /* another origin's sheet */ }
  }
}
let compiled = null;
function sweep(args) {
  if (args.source && compiled?.text !== args.source) compiled = { text: args.source, pattern: new RegExp(args.source, 'gu') };
  const asked = { pattern: args.source ? compiled.pattern : null, short: args.short || [] };
  const boxes = [], fields = new Set([...state.fields].filter((e) => e.isConnected));
  // A shadow root may come to be without a change that an observer of the document sees.
  hosts = null;
  for (const root of [document, ...shadowRoots()]) {
    boxesOfFields(root, asked, boxes, fields);
    if (!asked.pattern) continue;
    readSheets(root, asked.pattern);
    boxesOfText(root, asked.pattern, boxes);
    boxesOfAttributes(root, asked.pattern, boxes);
  }
  return { boxes: boxes.filter((b) => b.width > 0 && b.height > 0), fields, pattern: asked.pattern };
}
const holds_in = (outer, b) => outer.left <= b.left + 1 && outer.top <= b.top + 1 && outer.right >= b.right - 1 && outer.bottom >= b.bottom - 1;

// Letters reach beyond their boxes by a little.
// Boxes in the top layer, where nothing of the page lies over them, in a tree that the page cannot reach.
function lay(boxes) {
  const sheet = doc.createElement('div');
  const style = (e, text) => { e.style.cssText = text.replace(/;/g, ' !important;'); };
  sheet.setAttribute('popover', 'manual');
  style(sheet, 'all:initial;display:block;position:fixed;inset:0;width:auto;height:auto;margin:0;padding:0;border:0;background:none;overflow:visible;pointer-events:none;z-index:2147483647;');
  const tree = sheet.attachShadow({ mode: 'closed' });
  const masks = boxes.map((b) => {
    const m = doc.createElement('div');
    style(m, `position:fixed;background:#000;left:${b.left - 2}px;top:${b.top - 2}px;width:${b.width + 4}px;height:${b.height + 4}px;`);
    tree.append(m);
    return m;
  });
  doc.documentElement.append(sheet);
  sheet.showPopover?.();
  return { sheet, masks };
}
function cover(args) {
  uncover();
  const { boxes, fields, pattern } = sweep(args);
  for (const e of fields) mask(e);
  const laid = boxes.length ? lay(boxes) : { sheet: null, masks: [] };
  const places = laid.masks.map((m) => m.getBoundingClientRect());
  const cover = state.cover = { args, places, sheet: laid.sheet, broken: boxes.every((b, i) => holds_in(places[i], b)) ? null : 'the covers do not lie where they should', watch: null };
  // What shows for a moment only, between the covering and the picture.
  cover.watch = new MutationObserver((records) => { if (records.some((r) => betrays(r, fields, pattern, laid.sheet))) cover.broken ||= 'it changed what was covered'; });
  cover.watch.observe(document, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ['style', 'type', 'class'] });
  return boxes.length;
}
function betrays(r, fields, pattern, sheet) {
  if (r.type === 'attributes') return fields.has(r.target) || r.target === sheet;
  if (r.type === 'characterData') return !!pattern && marked(pattern, r.target.data);
  return [...r.removedNodes].includes(sheet) || (!!pattern && [...r.addedNodes].some((n) => marked(pattern, n.textContent || '')));
}
// Takes the covers away; null when they held, otherwise why not: everything that shows a secret now must have been
// covered when they were laid.
function uncover() {
  const cover = state.cover;
  if (!cover) return null;
  state.cover = null;
  let broken = cover.broken;
  try {
    const late = cover.watch.takeRecords();
    const { boxes, fields, pattern } = sweep(cover.args);
    if (late.some((r) => betrays(r, fields, pattern, cover.sheet))) broken ||= 'it changed what was covered';
    if (!boxes.every((b) => cover.places.some((p) => holds_in(p, b)))) broken ||= 'it moved what was covered';
    if (![...fields].every((e) => getComputedStyle(e).webkitTextSecurity === 'disc')) broken ||= 'it uncovered a field';
    if (cover.sheet && !(cover.sheet.isConnected && (!cover.sheet.showPopover || cover.sheet.matches(':popover-open')))) broken ||= 'it took the covers away';
  } finally {
    cover.watch.disconnect();
    cover.sheet?.remove();
  }
  return broken;
}

// The page's source, from a copy in which nothing runs: without what stands in fields that hold secrets.
function snapshot() {
  const root = doc.documentElement;
  if (!root) return '<!doctype html>';
  const copy = doc.implementation.createHTMLDocument('').importNode(root, true);
  const copies = copy.querySelectorAll('input,textarea');
  root.querySelectorAll('input,textarea').forEach((e, i) => {
    if (!copies[i] || (e.type !== 'password' && !state.fields.has(e))) return;
    copies[i].removeAttribute('value');
    if (e.tagName === 'TEXTAREA') copies[i].textContent = '';
  });
  return '<!doctype html>' + cut(copy.outerHTML, 2 << 20);
}

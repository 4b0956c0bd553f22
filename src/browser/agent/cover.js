// Covering: nothing that shows a secret can be read in a picture or a snapshot. Secrets come as patterns of all their
// spellings, and as the short ones that are looked for in fields alone.

// Fields filled from secrets stay unreadable from the moment they are filled, whatever type the page gives them.
function mask(e) {
  state.fields.add(e);
  if (e.style.getPropertyValue('-webkit-text-security') === 'disc' && e.style.getPropertyPriority('-webkit-text-security')) return;
  e.style.setProperty('-webkit-text-security', 'disc', 'important');
}
const SHOWN = /^(alt|placeholder|label|src|srcset|srcdoc|data|poster)$/;
// What costs is to compile the pattern, for each width of characters anew, not to search: every text is made a wide one,
// by an end that stands in no secret. Each search begins at the text's beginning: a pattern remembers where it last ended.
const END = '\u0000\u6c34';
const finds = (pattern, text) => { pattern.lastIndex = 0; const hit = pattern.test(text); pattern.lastIndex = 0; return hit; };
// The whole pattern takes tens of milliseconds to compile in each renderer: it is not, before something begins like a secret.
let compiled = null;
function patternOf(search) {
  if (compiled?.text === search.whole) return compiled;
  const regex = (source) => new RegExp(source, 'gu');
  const begins = regex(search.begins), beginsCut = regex(search.begins_cut);
  let whole = null;
  const made = { text: search.whole, get whole() { return whole ||= regex(search.whole); },
    finds: (text) => (finds(begins, text) || (text.includes('…') && finds(beginsCut, text))) && finds(made.whole, text) };
  return compiled = made;
}
const marked = (pattern, text) => pattern.finds(text + END);
const isValue = (e, name) => name === 'value' && /^(INPUT|OPTION)$/.test($(e).tagName);

// All that a root holds, as one text: where nothing is found in it, nothing need be looked for in its parts.
function saidIn(root) {
  const nodes = [], parts = [];
  let text = '';
  const walk = doc.createTreeWalker(root, NodeFilter.SHOW_TEXT, (n) => n.parentNode && SILENT.test(n.parentNode.nodeName) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) { nodes.push({ n, at: text.length }); text += n.data; }
  for (const e of $(root).querySelectorAll('*')) for (const a of $(e).attributes) if (a.value.length >= 4) parts.push(a.value);
  return { nodes, text, all: text + '\u0000' + parts.join('\u0000') };
}
// Texts are read as one, so that a secret in many elements is seen; a range finds its places again.
function placesOfText({ nodes, text }, pattern, places) {
  const place = (at, end) => {
    let low = 0, high = nodes.length - 1;
    while (low < high) { const mid = (low + high + 1) >> 1; if (nodes[mid].at < at || (!end && nodes[mid].at === at)) low = mid; else high = mid - 1; }
    return [nodes[low].n, Math.min(at - nodes[low].at, nodes[low].n.data.length)];
  };
  for (const found of (text + END).matchAll(pattern.whole)) {
    if (!found[0]) continue;
    const range = doc.createRange();
    range.setStart(...place(found.index, false));
    range.setEnd(...place(found.index + found[0].length, true));
    places.push(() => range.getClientRects());
  }
}
// An element shows an attribute by itself, or its style writes it before or behind it.
const shows = (e, name) => SHOWN.test(name) || ['::before', '::after', '::marker'].some((p) => /attr\(|["']/.test(getComputedStyle(e, p).content));
function placesOfAttributes(root, pattern, places) {
  for (const e of $(root).querySelectorAll('*')) for (const a of $(e).attributes) {
    if (a.value.length < 4 || isValue(e, a.name) || !marked(pattern, a.value)) continue;
    if (a.name === 'style') throw new Error('a style of the page holds a secret: it may show anywhere');
    places.push(() => shows(e, a.name) ? $(e).getClientRects() : []);
  }
}
function placesOfFields(root, args, places, fields) {
  for (const e of $(root).querySelectorAll('input,textarea,select')) {
    const writable = e.tagName === 'TEXTAREA' || (e.tagName === 'INPUT' && TEXTLIKE.test(e.type));
    if (writable && fields.has(e)) continue;
    const value = e.tagName === 'SELECT' ? [...e.selectedOptions].map((o) => o.label || o.text).join(' ') : e.value;
    if (!args.short.includes(value) && !(args.pattern && marked(args.pattern, value))) continue;
    if (writable) fields.add(e); else places.push(() => e.getClientRects());
  }
}
// Each sheet is read once, and again when it has other rules; a small one, whose rules may have been rewritten, whenever
// the page is searched.
const sheetsRead = new WeakMap();
const SMALL_SHEET = 200;
function readSheets(root, pattern, again) {
  for (const s of [...($(root).styleSheets || []), ...($(root).adoptedStyleSheets || [])]) {
    try {
      const rules = s.cssRules, known = sheetsRead.get(s);
      const same = known && known.pattern === pattern && known.count === rules.length && known.first === rules[0] && known.last === rules[rules.length - 1];
      if (same && !(again && rules.length <= SMALL_SHEET)) continue;
      if (marked(pattern, [...rules].map((r) => r.cssText).join('\u0000'))) throw new RangeError('a style sheet of the page holds a secret: it may show anywhere');
      sheetsRead.set(s, { pattern, count: rules.length, first: rules[0], last: rules[rules.length - 1] });
    } catch (error) { if (error instanceof RangeError) throw error; /* another origin's sheet */ }
  }
}
function sweep(args) {
  const asked = { pattern: args.search ? patternOf(args.search) : null, short: args.short || [] };
  const places = [], fields = new Set([...state.fields].filter((e) => e.isConnected));
  // A shadow root may come to be without a change that an observer of the document sees.
  hosts = null;
  const roots = [document, ...shadowRoots()];
  for (const root of roots) {
    placesOfFields(root, asked, places, fields);
    if (!asked.pattern) continue;
    readSheets(root, asked.pattern, true);
    const said = saidIn(root);
    if (!marked(asked.pattern, said.all)) continue;
    placesOfText(said, asked.pattern, places);
    placesOfAttributes(root, asked.pattern, places);
  }
  return { places, boxes: boxesOf(places), fields, roots, asked };
}
const boxesOf = (places) => places.flatMap((rects) => [...rects()]).filter((b) => b.width > 0 && b.height > 0);
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
// Gives the cover's name: whoever lifts it says which one it was.
let laidSoFar = 0;
function cover(args) {
  uncover();
  const { places, boxes, fields, roots, asked } = sweep(args);
  for (const e of fields) mask(e);
  const laid = boxes.length ? lay(boxes) : { sheet: null, masks: [] };
  const over = laid.masks.map((m) => m.getBoundingClientRect());
  const cover = state.cover = { id: `${performance.timeOrigin}.${++laidSoFar}`, args, asked, places, fields, over, roots: new Set(roots), sheet: laid.sheet, broken: boxes.every((b, i) => holds_in(over[i], b)) ? null : 'the covers do not lie where they should', watch: null, stirred: false, frames: null };
  // What shows for a moment only, between the covering and the picture.
  cover.watch = new MutationObserver((records) => { cover.stirred = true; for (const r of records) if (betrays(r, cover)) cover.broken ||= 'it changed what was covered'; });
  for (const root of roots) observe(cover, root);
  watchFrames(cover);
  return cover.id;
}
// With the answer of a step's last call, for the picture that follows: what it takes is the robot's own time.
function coverFor(args, out) {
  const from = performance.now();
  // One that cannot be covered is asked again for its picture, and says why then.
  try { out.covered = cover(args); } catch { out.covered = null; }
  out.cover_ms = performance.now() - from;
}
const observe = (cover, root) => cover.watch.observe(root, { subtree: true, childList: true, characterData: true, attributes: true, attributeOldValue: true });
const FRAMES = 'iframe,frame,object,embed';
// A page that is left and brought back has its cover still, and was seen without it meanwhile.
window.addEventListener('pagehide', () => { if (state.cover) state.cover.broken ||= 'the page was left'; }, true);
// A change that is taken back before the page is searched again leaves nothing but its record.
function betrays(r, cover) {
  const pattern = cover.asked.pattern, e = r.target;
  if (r.type === 'attributes') {
    const name = r.attributeName;
    if (/^(style|type|class)$/.test(name) && (cover.fields.has(e) || e === cover.sheet)) return true;
    const value = $(e).getAttribute(name) || '';
    return !!pattern && value.length >= 4 && value !== r.oldValue && !isValue(e, name) && marked(pattern, value) && (name === 'style' || shows(e, name));
  }
  if (r.type === 'characterData') return !!pattern && marked(pattern, e.data);
  if ([...r.removedNodes].includes(cover.sheet)) return true;
  // A frame may show anything, and be gone before the driver tells of it.
  if ([...r.addedNodes].some((n) => n.nodeType === 1 && ($(n).matches(FRAMES) || $(n).querySelector(FRAMES)))) return true;
  return !!pattern && [...r.addedNodes, ...r.removedNodes].some((n) => rootsWithin(n).some((root) => {
    // What goes was covered, unless it was never seen.
    if ([...r.removedNodes].includes(n) && (root === n || cover.roots.has(root))) return false;
    if (root !== n && !cover.roots.has(root)) { cover.roots.add(root); observe(cover, root); }
    return marked(pattern, root.textContent || '');
  }));
}
function rootsWithin(n) {
  const all = [n];
  if (n.nodeType !== 1 && n.nodeType !== 11) return all;
  for (const e of [n, ...$(n).querySelectorAll('*')]) if ($(e).shadowRoot) all.push(...rootsWithin($(e).shadowRoot));
  return all;
}
// Values, styles, animations and scrolling leave no records: as each frame is drawn, before it and behind it, everything
// that was covered must lie under its cover, and nothing else may show it.
function watchFrames(cover) {
  const behind = cover.frames = new MessageChannel();
  const look = () => {
    if (state.cover !== cover || cover.broken) return;
    try { cover.broken = unsteady(cover); } catch (error) { cover.broken = brief(error, 200); }
  };
  const beat = () => { if (state.cover !== cover) return; look(); behind.port2.postMessage(0); requestAnimationFrame(beat); };
  behind.port1.onmessage = look;
  requestAnimationFrame(beat);
}
const isOver = (cover, boxes) => boxes.every((b) => cover.over.some((p) => holds_in(p, b)));
function unsteady(cover) {
  if (cover.stirred) { cover.stirred = false; return uncovered(cover); }
  const places = [...cover.places], fields = new Set(cover.fields);
  for (const root of cover.roots) {
    placesOfFields(root, cover.asked, places, fields);
    if (cover.asked.pattern) readSheets(root, cover.asked.pattern, false);
  }
  if (fields.size > cover.fields.size) return 'another field came to show it';
  return isOver(cover, boxesOf(places)) ? null : 'it moved what was covered';
}
// Everything that shows a secret now must have been covered when the covers were laid.
function uncovered(cover) {
  const { boxes, fields, roots } = sweep(cover.args);
  if (!isOver(cover, boxes)) return 'it moved what was covered';
  if (![...fields].every((e) => getComputedStyle(e).webkitTextSecurity === 'disc')) return 'it uncovered a field';
  if (cover.sheet && !(cover.sheet.isConnected && (!cover.sheet.showPopover || cover.sheet.matches(':popover-open')))) return 'it took the covers away';
  return roots.every((root) => cover.roots.has(root)) ? null : 'a part of it came that was not covered';
}
// Takes away the cover of this name; null when it lay until now and held, otherwise why not.
const lift = (args) => state.cover?.id === args.id ? uncover() : 'the page went away from under it, or was covered anew';
// Takes the covers away; null when they held, otherwise why not.
function uncover() {
  const cover = state.cover;
  if (!cover) return null;
  state.cover = null;
  let broken = cover.broken;
  try {
    if (cover.watch.takeRecords().some((r) => betrays(r, cover))) broken ||= 'it changed what was covered';
    broken ||= uncovered(cover);
  } finally {
    cover.watch.disconnect();
    cover.frames.port1.close();
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

// What an eye stumbles over on a page that has loaded: a figure cut off, text in the colour of its background, text over
// text, an empty chart, a link to elsewhere that nobody is meant to see. Looks at most FLAWS_MS long at one page.

const FLAWS_MS = 15;
const FLAWS_MAX = 20;
const FIGURE = /^[+\-−]?\s*[¥￥$]?\s*[+\-−]?\d[\d,]*(\.\d+)?\s*(%|元|份)?$/;
// How long a chart may stay empty: figures come before the picture of them.
const CHART_MS = 700;

const rgb = (text) => { const m = text.match(/[\d.]+/g); return m ? { r: +m[0], g: +m[1], b: +m[2], a: m.length > 3 ? +m[3] : 1 } : null; };
function luminance({ r, g, b }) {
  const part = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
}
const contrast = (a, b) => { const [x, y] = [luminance(a), luminance(b)]; return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); };
// The colours behind an element; null where a picture or something translucent lies behind it.
function behind(e) {
  for (let p = e; p; p = parentOf(p)) {
    const s = getComputedStyle(p);
    if (s.backgroundImage !== 'none') return s.backgroundImage.includes('url(') ? null : (s.backgroundImage.match(/rgba?\([^)]*\)/g) || []).map(rgb);
    const own = rgb(s.backgroundColor);
    if (own && own.a > 0.95) return [own];
    if ((own && own.a > 0) || s.position === 'fixed' || s.position === 'absolute') return null;
  }
  return [{ r: 255, g: 255, b: 255, a: 1 }];
}
function unreadable(e, style) {
  const ink = rgb(style.color);
  if (!ink || ink.a < 0.9 || style.webkitTextFillColor !== style.color || style.textShadow !== 'none') return false;
  const back = behind(e);
  if (!back || back.length === 0) return false;
  const ratios = back.map((b) => contrast(ink, b));
  return Math.min(...ratios) < 1.2 && Math.max(...ratios) < 2.5;
}
const cutOff = (e, style, text) => FIGURE.test(text.replace(/…$/, '')) && style.overflowX !== 'visible' && style.overflowX !== 'auto' && style.overflowX !== 'scroll' && $(e).scrollWidth > $(e).clientWidth + 3 && $(e).clientWidth > 0;

// What clips a text between its element and the page, as boxes; null where it was lifted out of the page's flow, which
// lies over it on purpose, or is turned or unseen. Texts share their ancestors: `known` keeps each one's answer for a pass.
function clipsOf(e, known) {
  const unknown = [];
  let p = e;
  for (; p && p !== doc.body && !known.has(p); p = parentOf(p)) unknown.push(p);
  let clips = known.has(p) ? known.get(p) : [];
  for (const q of unknown.reverse()) {
    const s = getComputedStyle(q);
    if ((s.position !== 'static' && s.position !== 'relative') || s.transform !== 'none' || s.opacity === '0') clips = null;
    else if (clips && (s.overflowX !== 'visible' || s.overflowY !== 'visible')) clips = [...clips, $(q).getBoundingClientRect()];
    known.set(q, clips);
  }
  return clips;
}
// Where a text really shows, line by line: what its ancestors clip is not there.
function shown(node, e, known) {
  const clips = clipsOf(e, known);
  if (!clips) return [];
  const range = doc.createRange();
  range.selectNodeContents(node);
  const clipped = (b, c) => ({ l: Math.max(b.l, c.left), t: Math.max(b.t, c.top), r: Math.min(b.r, c.right), b: Math.min(b.b, c.bottom) });
  const boxes = [...range.getClientRects()].slice(0, 4).map((b) => clips.reduce(clipped, { l: b.left, t: b.top, r: b.right, b: b.bottom }));
  return boxes.filter((x) => x.r - x.l > 8 && x.b - x.t > 6 && x.r > 0 && x.l < innerWidth);
}
function collide(x, y) {
  const w = Math.min(x.box.r, y.box.r) - Math.max(x.box.l, y.box.l), h = Math.min(x.box.b, y.box.b) - Math.max(x.box.t, y.box.t);
  return x.e !== y.e && w > 8 && h > 0.4 * Math.min(x.box.b - x.box.t, y.box.b - y.box.t) && !within(x.e, y.e) && !within(y.e, x.e);
}
// Nothing is drawn on it. Pictures of WebGL cannot be read back: only a flat canvas that is empty is known to be so.
function isEmpty(c) {
  try {
    const small = doc.createElement('canvas');
    small.width = 160; small.height = 80;
    const pen = small.getContext('2d');
    pen.drawImage(c, 0, 0, 160, 80);
    return !pen.getImageData(0, 0, 160, 80).data.some((v, i) => i % 4 === 3 && v > 0) && !!c.getContext('2d');
  } catch { /* another origin's picture is on it */ return false; }
}
// Charts are drawn in layers: an empty one for the cross-hair lies over the lines.
function liesWith(c, other) {
  const a = $(c).getBoundingClientRect(), b = $(other).getBoundingClientRect();
  const w = Math.min(a.right, b.right) - Math.max(a.left, b.left), h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return w > a.width / 2 && h > a.height / 2;
}
function emptyCharts(note) {
  const all = [...doc.querySelectorAll('canvas')].filter((c) => visible(c) && c.clientWidth >= 100 && c.clientHeight >= 60 && c.width && c.height);
  for (const c of all) {
    if (!state.firstSeen.has(c)) state.firstSeen.set(c, performance.now());
    if (performance.now() - state.firstSeen.get(c) < CHART_MS) { state.young = true; continue; }
    if (isEmpty(c) && !all.some((other) => other !== c && liesWith(c, other) && !isEmpty(other))) note(isKeypad(c) ? 'blank-keypad' : 'blank-canvas', c, c.getAttribute('aria-label') || '');
  }
}
function hiddenLinks(note) {
  for (const a of doc.querySelectorAll('a[href^="http"]')) {
    if (a.host === location.host || !fold(a.textContent) || !a.checkVisibility()) continue;
    const b = a.getBoundingClientRect();
    if (b.right + scrollX < -200 || b.bottom + scrollY < -200) note('hidden-link', a, a.host + ' ' + a.textContent);
  }
}
// A film none of whose files came: one was asked for (`currentSrc`), and it has no source. One that this browser cannot
// decode says nothing of others, which may have the format.
function deadMedia(note) {
  for (const m of doc.querySelectorAll('video,audio')) {
    const undecoded = m.error && /NO_SUPPORTED|UNSUPPORTED|DECODE/i.test(m.error.message);
    if (m.networkState === 3 && m.currentSrc && !undecoded && visible(m)) note('dead-media', m, m.title || m.getAttribute('aria-label') || '');
  }
}
// A figure whose parts stand on several lines is read wrongly: `¥12,3` above `45.00`.
function split(node, text) {
  if (!FIGURE.test(text)) return false;
  const range = doc.createRange();
  // A unit or a sign on a line of its own leaves the number whole.
  range.setStart(node, node.data.search(/\d/));
  range.setEnd(node, node.data.length - node.data.match(/\D*$/)[0].length);
  const tops = new Set([...range.getClientRects()].filter((b) => b.width > 1).map((b) => Math.round(b.top)));
  return tops.size > 1;
}
// `rules`: how many the page's styles have.
function flaws(rules) {
  state.young = doc.readyState !== 'complete';
  if (doc.readyState === 'loading' || !doc.body) return [];
  const started = performance.now();
  const found = [];
  const note = (kind, e, words) => { if (found.length < FLAWS_MAX) found.push({ kind, locus: cut(describe(e), 160), words: cut(fold(words), 80) }); };
  hiddenLinks(note);
  tickedConsents(note);
  doubled(note);
  // What lies where is known only once the page's styles are there.
  if (rules === 0) { state.young = true; return found; }
  emptyCharts(note);
  deadMedia(note);
  const texts = [], rates = [], odd = [], known = new Map();
  const walk = doc.createTreeWalker(doc.body, NodeFilter.SHOW_TEXT, (n) => fold(n.data).length > 1 ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP);
  for (let n = walk.nextNode(); n && performance.now() - started < FLAWS_MS; n = walk.nextNode()) {
    const e = n.parentElement;
    if (!e || SILENT.test($(e).tagName) || $(e).closest('option,dialog,[inert],[aria-hidden=true]') || !visible(e)) continue;
    const style = getComputedStyle(e);
    const text = fold(n.data);
    if (cutOff(e, style, text)) note('clipped-figure', e, text);
    if (split(n, text)) note('split-figure', e, text);
    const rate = rateOf(e, style, text);
    if (rate) rates.push(rate);
    if (PRIVATE.test(text)) odd.push({ e, style, text });
    const boxes = shown(n, e, known);
    if (boxes.length && unreadable(e, style)) note('invisible-text', e, text);
    for (const box of boxes) texts.push({ e, box, text });
  }
  contrary(rates, note);
  boxes(odd, note);
  texts.sort((a, b) => a.box.t - b.box.t);
  for (let i = 0; i < texts.length; i++) for (let j = i + 1; j < texts.length && texts[j].box.t < texts[i].box.b; j++) {
    if (collide(texts[i], texts[j])) note('overlapping-text', texts[i].e, texts[i].text + ' / ' + texts[j].text);
  }
  return found;
}

// The longest time the page's script kept everything else waiting.
state.frozen = 0;
const frozen = (list) => { for (const entry of list) if (entry.duration > state.frozen) { state.frozen = entry.duration; state.dirty = true; } };
try { state.tasks = new PerformanceObserver((seen) => frozen(seen.getEntries())); state.tasks.observe({ type: 'longtask', buffered: true }); } catch { state.tasks = null; }
function frozenMs() { if (state.tasks) frozen(state.tasks.takeRecords()); return Math.round(state.frozen); }

// Posing for a picture that is compared: what moves stands still, and the page says what stands where.

const ELEMENTS_MAX = 600, WORDS_MAX = 60, ANIMATIONS_MAX = 500;
const DRAWN = 'img,svg,canvas,video,picture,input,button,select,textarea,iframe,[role=button],[role=img]';
// How long fonts and pictures in view are waited for, and how long the page may be kept busy.
const POSE_WITHIN = 1500, LAYOUT_MS = 200;

// Finite animations stand just before their end, those without end at their beginning; the caret is gone. None is finished:
// what the page does when one ends is the page's to do.
function stand() {
  const held = [];
  for (const a of (doc.getAnimations?.() ?? []).slice(0, ANIMATIONS_MAX)) {
    if (a.timeline !== doc.timeline || a.currentTime === null || a.playState === 'finished') continue;
    const end = a.effect?.getComputedTiming().endTime;
    held.push({ a, running: a.playState === 'running', time: a.currentTime });
    try { a.pause(); a.currentTime = end === Infinity ? 0 : Math.max(0, end - 0.01); } catch { /* it goes on: then the picture is not still */ }
  }
  let focus = doc.activeElement;
  while (focus && $(focus).shadowRoot?.activeElement) focus = $(focus).shadowRoot.activeElement;
  const style = focus && $(focus).style, caret = style ? { e: focus, bare: !$(focus).hasAttribute('style'), was: style.getPropertyValue('caret-color'), how: style.getPropertyPriority('caret-color') } : null;
  style?.setProperty('caret-color', 'transparent', 'important');
  return { held, caret };
}
let turns = 0;
function unpose() {
  turns++;
  const { held, caret } = state.posed ?? { held: [], caret: null };
  state.posed = null;
  for (const { a, running, time } of held) try { a.currentTime = time; if (running) a.play(); } catch { /* it ended meanwhile */ }
  if (!caret) return 0;
  const style = $(caret.e).style;
  if (caret.was) style.setProperty('caret-color', caret.was, caret.how); else style.removeProperty('caret-color');
  if (caret.bare && !style.length) $(caret.e).removeAttribute('style');
  return 0;
}
// A page that stands already is only asked what stands where.
async function pose(args) {
  const turn = turns;
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  if (!state.posed) {
    const inView = all(document, 'img').filter((e) => { const b = $(e).getBoundingClientRect(); return b.bottom > 0 && b.top < innerHeight && !e.complete; });
    const come = (e) => new Promise((done) => { e.addEventListener('load', done, { once: true }); e.addEventListener('error', done, { once: true }); });
    await Promise.race([Promise.all([doc.fonts?.ready, ...inView.map(come)]), pause(POSE_WITHIN)]);
    if (turn !== turns) throw new Error('the page was let go meanwhile');
    state.posed = stand();
  }
  // A window that draws nothing gives no picture either: that is told by who takes it.
  await Promise.race([new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))), pause(POSE_WITHIN)]);
  const veiled = args.veil.flatMap((t) => [...find(t)].filter(visible));
  return { ...layout(veiled), veiled: veiled.map((e) => edges($(e).getBoundingClientRect())), scale: devicePixelRatio };
}

const edges = (b) => ({ x: b.left, y: b.top, width: b.width, height: b.height });
const texts = (e) => [...$(e).childNodes].filter((n) => n.nodeType === 3);
// What of a box lies in the window.
function inWindow(b) {
  const l = Math.max(b.left, 0), t = Math.max(b.top, 0);
  return { left: l, top: t, width: Math.max(0, Math.min(b.right, innerWidth) - l), height: Math.max(0, Math.min(b.bottom, innerHeight) - t) };
}
// Where the figures of an element's own text stand.
function figureOf(e) {
  let all = null;
  for (const n of texts(e)) {
    if (!/\d/.test(n.data)) continue;
    const range = doc.createRange();
    range.selectNodeContents(n);
    const b = range.getBoundingClientRect();
    all = all ? { left: Math.min(all.left, b.left), top: Math.min(all.top, b.top), right: Math.max(all.right, b.right), bottom: Math.max(all.bottom, b.bottom) } : b;
  }
  return all && edges(inWindow(all));
}
// What is left of a box by those that clip it. What the window cuts off is only further down.
function left(e, box) {
  let { left: l, top: t, right: r, bottom: b } = box;
  for (let p = parentOf(e); p && p !== doc.body && p !== doc.documentElement; p = parentOf(p)) {
    const s = getComputedStyle(p);
    if (s.overflowX === 'visible' && s.overflowY === 'visible') continue;
    const c = $(p).getBoundingClientRect();
    l = Math.max(l, c.left); t = Math.max(t, c.top); r = Math.min(r, c.right); b = Math.min(b, c.bottom);
  }
  return { left: l, top: t, right: Math.max(l, r), bottom: Math.max(t, b) };
}
// Of five points of what is left, how many are another's: neither in it nor around it. Of what nothing is left, none.
function covered(e, box) {
  const x = [0.5, 0.15, 0.85, 0.15, 0.85], y = [0.5, 0.2, 0.2, 0.8, 0.8];
  let count = 0;
  if (box.width < 2 || box.height < 2) return 0;
  for (let i = 0; i < 5; i++) {
    const at = { x: box.left + box.width * x[i], y: box.top + box.height * y[i] };
    const hit = $(e).getRootNode().elementFromPoint?.(at.x, at.y) ?? null;
    if (hit && !within(hit, e) && !within(e, hit) && getComputedStyle(e).pointerEvents !== 'none') count++;
  }
  return count;
}
// `cut` when there is more than is looked at: then nobody knows what is gone.
function layout(veiled) {
  const until = performance.now() + LAYOUT_MS, elements = [];
  for (const e of all(document, '*')) {
    if (elements.length >= ELEMENTS_MAX || performance.now() > until) return { elements, cut: true };
    if (SILENT.test($(e).tagName)) continue;
    const drawn = $(e).matches(DRAWN), text = fold(texts(e).map((n) => n.data).join(' '));
    if (!drawn && !text) continue;
    const box = $(e).getBoundingClientRect();
    if (box.width < 4 || box.height < 4 || box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth || !visible(e)) continue;
    // A drawing's parts are the drawing.
    if (parentOf(e) && $(parentOf(e)).closest('svg')) continue;
    if (veiled.some((v) => within(e, v))) continue;
    const seen = left(e, box), named = $(e).getAttribute('data-testid') || $(e).getAttribute('data-test') || $(e).getAttribute('id') || '';
    elements.push({ tag: $(e).tagName.toLowerCase(), name: brief(named, WORDS_MAX), words: brief(text || fold(nameOf(e)), WORDS_MAX), figure: figureOf(e), place: edges(inWindow(box)),
      shown: Math.round(100 * (seen.right - seen.left) * (seen.bottom - seen.top) / (box.width * box.height)), covered: covered(e, inWindow(seen)) });
  }
  return { elements, cut: false };
}

// Posing for a picture that is compared: what moves stands still, and the page says what stands where.

const ELEMENTS_MAX = 600, WORDS_MAX = 60, ANIMATIONS_MAX = 500;
const DRAWN = 'img,svg,canvas,video,picture,input,button,select,textarea,iframe,[role=button],[role=img]';
// How long fonts and pictures in view are waited for, and how long the page may be kept busy.
const POSE_WITHIN = 1500, LAYOUT_MS = 200;

// Finite animations stand at their end, those without end at their beginning; the caret is gone.
function stand() {
  const held = [];
  for (const a of (doc.getAnimations?.() ?? []).slice(0, ANIMATIONS_MAX)) {
    const endless = a.effect?.getComputedTiming().endTime === Infinity;
    held.push({ a, playing: a.playState === 'running', time: a.currentTime });
    try { if (endless) { a.pause(); a.currentTime = 0; } else a.finish(); } catch { /* it goes on: then the picture is not still */ }
  }
  const focus = $(doc.activeElement ?? document);
  const caret = focus.style ? { e: focus, was: focus.style.getPropertyValue('caret-color'), how: focus.style.getPropertyPriority('caret-color') } : null;
  caret?.e.style.setProperty('caret-color', 'transparent', 'important');
  return { held, caret };
}
function unpose() {
  const { held, caret } = state.posed ?? { held: [], caret: null };
  state.posed = null;
  for (const { a, playing, time } of held) try { a.currentTime = time; if (playing) a.play(); } catch { /* it ended meanwhile */ }
  if (caret) { if (caret.was) caret.e.style.setProperty('caret-color', caret.was, caret.how); else caret.e.style.removeProperty('caret-color'); }
  return 0;
}
async function pose(args) {
  unpose();
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const inView = all(document, 'img').filter((e) => { const b = $(e).getBoundingClientRect(); return b.bottom > 0 && b.top < innerHeight && !e.complete; });
  const come = (e) => new Promise((done) => { e.addEventListener('load', done, { once: true }); e.addEventListener('error', done, { once: true }); });
  await Promise.race([Promise.all([doc.fonts?.ready, ...inView.map(come)]), pause(POSE_WITHIN)]);
  state.posed = stand();
  // A window that draws nothing gives no picture either: that is told by who takes it.
  await Promise.race([new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))), pause(POSE_WITHIN)]);
  return { elements: layout(), veiled: args.veil.flatMap((t) => find(t).filter(visible)).map((e) => edges($(e).getBoundingClientRect())), scale: devicePixelRatio };
}

const edges = (b) => ({ x: b.left, y: b.top, width: b.width, height: b.height });
const directText = (e) => fold([...$(e).childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join(' '));
// What is left of a box by those that clip it, and by the window.
function left(e, box) {
  let { left: l, top: t, right: r, bottom: b } = box;
  for (let p = parentOf(e); p && p !== doc.body && p !== doc.documentElement; p = parentOf(p)) {
    const s = getComputedStyle(p);
    if (s.overflowX === 'visible' && s.overflowY === 'visible') continue;
    const c = $(p).getBoundingClientRect();
    l = Math.max(l, c.left); t = Math.max(t, c.top); r = Math.min(r, c.right); b = Math.min(b, c.bottom);
  }
  l = Math.max(l, 0); t = Math.max(t, 0); r = Math.min(r, innerWidth); b = Math.min(b, innerHeight);
  return { left: l, top: t, width: Math.max(0, r - l), height: Math.max(0, b - t) };
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
function layout() {
  const until = performance.now() + LAYOUT_MS, elements = [];
  for (const e of all(document, '*')) {
    if (elements.length >= ELEMENTS_MAX || performance.now() > until) break;
    if (SILENT.test($(e).tagName)) continue;
    const drawn = $(e).matches(DRAWN), text = directText(e);
    if (!drawn && !text) continue;
    const box = $(e).getBoundingClientRect();
    if (box.width < 4 || box.height < 4 || box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth || !visible(e)) continue;
    // A drawing's parts are the drawing.
    if (parentOf(e) && $(parentOf(e)).closest('svg')) continue;
    const words = text || fold(nameOf(e)), seen = left(e, box);
    const named = $(e).getAttribute('data-testid') || $(e).getAttribute('data-test') || $(e).getAttribute('id') || '';
    elements.push({ tag: $(e).tagName.toLowerCase(), name: brief(named, WORDS_MAX), words: brief(words, WORDS_MAX), figure: /\d/.test(words), place: edges(box),
      shown: Math.round(100 * seen.width * seen.height / (box.width * box.height)), covered: covered(e, seen) });
  }
  return elements;
}

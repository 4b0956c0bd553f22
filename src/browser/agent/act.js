// Acting: Playwright's actionability rules with the loop inside the page, and a guard on the real event.
// Rules: playwright.dev/docs/actionability and injectedScript (visible, enabled, editable, stable, receives events).

const TIMES = [0, 20, 100, 100, 500];
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
// Wakes at the next change of the page, at the latest after `ms`: a page that moves is looked at again at once.
const woken = (ms) => new Promise((done) => { const t = setTimeout(() => { state.wake = null; done(); }, ms); state.wake = () => { clearTimeout(t); state.wake = null; setTimeout(done, 0); }; });
// A hidden window draws no frames: never wait for one alone.
const frame = () => Promise.race([new Promise((done) => requestAnimationFrame(done)), sleep(120)]);

const retarget = (e) => { const f = $(e); return f.matches('input,textarea,select') || f.isContentEditable ? e : f.closest('button,[role=button],[role=checkbox],[role=radio]') || e; };
// A label, and whatever stands in it that is no control or link of its own, stands for the label's control.
const OWN_CONTROL = 'a,input,textarea,button,select,[role=link],[role=button],[role=checkbox],[role=radio]';
const controlOf = (e) => { const r = retarget(e), f = $(r); return f.matches(OWN_CONTROL) || f.isContentEditable ? r : f.closest('label')?.control ?? r; };
const DISABLES = /^(BUTTON|INPUT|SELECT|TEXTAREA|OPTION|OPTGROUP)$/;
const ARIA_DISABLES = /^(application|button|composite|gridcell|group|input|link|menuitem|scrollbar|separator|tab|checkbox|columnheader|combobox|grid|listbox|menu|menubar|menuitemcheckbox|menuitemradio|option|radio|radiogroup|row|rowheader|searchbox|select|slider|spinbutton|switch|tablist|textbox|toolbar|tree|treegrid|treeitem)$/;
function disabled(e) {
  const c = controlOf(e);
  if (DISABLES.test($(c).tagName) && c.matches(':disabled')) return true;
  // Only what may be disabled inherits it, and the nearest word decides.
  if (!ARIA_DISABLES.test(roleOf(c))) return false;
  for (let p = c; p; p = parentOf(p)) {
    const word = fold($(p).getAttribute('aria-disabled')).toLowerCase();
    if (word === 'true' || word === 'false') return word === 'true';
  }
  return false;
}
function editable(e) {
  const c = controlOf(e);
  if (/^(INPUT|TEXTAREA|SELECT)$/.test($(c).tagName)) return !c.readOnly;
  return $(c).getAttribute('aria-readonly') !== 'true';
}
const running = (e) => { for (let p = e; p; p = parentOf(p)) if ($(p).getAnimations().some((a) => a.playState === 'running')) return true; return false; };
const box = (e) => { const b = $(e).getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; };
async function stable(e, unguarded) {
  // Nothing animates it and nothing moved it since it was last looked at: the guard on the real event catches the rest.
  const first = box(e);
  if (!unguarded && !running(e) && state.quiet()) return true;
  await frame();
  if (running(e)) await frame();
  const second = box(e);
  return first.every((v, i) => v === second[i]);
}
function pointOf(e) {
  for (const q of $(e).getClientRects()) {
    const x1 = Math.max(q.left, 0), y1 = Math.max(q.top, 0), x2 = Math.min(q.right, innerWidth), y2 = Math.min(q.bottom, innerHeight);
    if (x2 - x1 > 0 && y2 - y1 > 0 && (x2 - x1) * (y2 - y1) > 0.99) return { x: Math.floor((x1 + x2) / 2), y: Math.floor((y1 + y2) / 2) };
  }
  return null;
}
// What lies over this page, when it is a frame, at a point of it: asked of the pages above as far as they are of one
// origin. Null: nothing. With `level`: so many pages were asked, and the next one is the lane's to ask.
function above(x, y, level) {
  if (window === top) return null;
  let frame = null, ask = null;
  try { frame = window.frameElement; ask = frame && window.parent.gengfuOver; } catch { /* another origin's */ }
  return typeof ask === 'function' ? ask(frame, x, y, level + 1) : { level, x, y };
}
globalThis.gengfuOver = (frame, x, y, level) => {
  // A frame that is turned or scaled cannot be reckoned with here; the guard on the real event remains.
  for (let p = frame; p; p = parentOf(p)) if (getComputedStyle(p).transform !== 'none') return null;
  const b = frame.getBoundingClientRect(), s = getComputedStyle(frame);
  const at = { x: b.left + frame.clientLeft + parseFloat(s.paddingLeft) + x, y: b.top + frame.clientTop + parseFloat(s.paddingTop) + y };
  const hit = hitAt(at.x, at.y);
  return hit === frame ? above(at.x, at.y, level) : { by: hit ? describe(hit) : 'nothing' };
};
function hitAt(x, y) {
  let root = document, hit = null;
  for (;;) {
    const next = $(root).elementsFromPoint(x, y).find((n) => n !== hit);
    if (!next || next === hit) return hit;
    hit = next;
    root = $(hit).shadowRoot;
    if (!root) return hit;
  }
}
// What lies over a target as a whole, not the word of it that was hit: the outermost that does not hold the target, too.
function coverOf(hit, e) {
  let cover = hit;
  for (let p = parentOf(hit); p && !within(e, p); p = parentOf(p)) cover = p;
  return cover;
}
const hitTarget = (e) => { const r = retarget(e); return $(r).closest('button,[role=button],a,[role=link]') || r; };
function receives(hit, e) {
  const t = hitTarget(e);
  if (!hit) return false;
  if (within(hit, t)) return true;
  const label = $(hit).nodeType === 1 && $(hit).closest('label');
  return !!(label && label.control === controlOf(e));
}
function inView(e) {
  const b = $(e).getBoundingClientRect();
  return b.top >= 0 && b.left >= 0 && b.bottom <= innerHeight && b.right <= innerWidth;
}
function scrollTo(e, attempt) {
  // In a frame the page above may still have to scroll; `nearest` moves nothing that is in view already.
  if (attempt === 0 && window === top && inView(e)) return;
  $(e).scrollIntoView({ block: ['nearest', 'end', 'center', 'start'][attempt % 4], inline: 'nearest', behavior: 'instant' });
}

// Only a tap is guarded on the real event: what hovers, drags or swipes must have stood still before.
const NEEDS = { tap: ['enabled', 'stable', 'events'], hover: ['stable', 'unguarded', 'events'], fill: ['enabled', 'editable'], choose: ['enabled'], scroll: [], focus: [], upload: ['attached'] };

// Deferred scripts run before DOMContentLoaded is over, and no customer is quicker than they are: a control that nothing
// listens to yet takes the tap and does nothing. What is still not there when a person would have moved is not waited for.
const WIRED_MS = 2000;
function unwired() {
  if (doc.readyState === 'complete' || performance.now() > WIRED_MS) return false;
  return doc.readyState === 'loading' || performance.getEntriesByType('navigation')[0]?.domContentLoadedEventEnd === 0;
}

async function wired(until) { for (let now; unwired() && (now = performance.now()) < until;) await woken(Math.min(100, until - now)); }

// One slice of waiting for one target. Returns a point, or what stands in the way.
async function ready(args) {
  const until = performance.now() + args.slice;
  const needs = NEEDS[args.need];
  let told = { state: 'missing' };
  if (needs.length) await wired(until);
  // The last try is made as things are: better than none.
  if (needs.length && unwired() && !args.last) return { state: 'moving', what: 'a page that is still coming', attempt: args.attempt || 0 };
  for (let attempt = args.attempt || 0; ; attempt++) {
    if (attempt > (args.attempt || 0)) {
      if (performance.now() >= until) return { ...told, attempt };
      await woken(Math.min(TIMES[Math.min(attempt, TIMES.length - 1)] || 20, 250));
    }
    const hits = find(args.target);
    if (hits.doubt) {
      if (told.scope) return { ...told, final: true };
      told = { state: 'ambiguous', scope: true, ...hits.doubt };
      continue;
    }
    if (hits.length > 1) {
      // Twice in a row, so that a list that is just being replaced is not called ambiguous.
      if (told.state === 'ambiguous' && told.matches === hits.length) return { ...told, final: true };
      told = { state: 'ambiguous', matches: hits.length, listed: hits.slice(0, 5).map(describe) };
      continue;
    }
    if (!hits.length) { told = { state: 'missing' }; continue; }
    const e = hits[0];
    if (needs.includes('attached')) return { state: 'ready', element: e };
    if (!visible(e)) { told = { state: 'hidden', what: describe(e) }; continue; }
    if (needs.includes('enabled') && disabled(e)) { told = { state: 'disabled', what: describe(controlOf(e)) }; continue; }
    if (needs.includes('editable') && !editable(e)) { told = { state: 'disabled', what: describe(controlOf(e)), readonly: true }; continue; }
    if (needs.includes('stable') && !(await stable(e, needs.includes('unguarded')))) { told = { state: 'moving', what: describe(e) }; continue; }
    // While a picture is taken nothing moves.
    if (args.still && !inView(e)) return { state: 'away' };
    if (!args.still) scrollTo(e, attempt - (args.attempt || 0));
    if (!needs.includes('events')) return { state: 'ready', element: e };
    const point = pointOf(e);
    if (!point) { told = { state: 'hidden', what: describe(e) }; continue; }
    const hit = hitAt(point.x, point.y);
    if (!receives(hit, e)) { told = { state: 'covered', what: describe(e), by: hit ? describe(coverOf(hit, e)) : 'nothing' }; continue; }
    const over = above(point.x, point.y, 0);
    if (over?.by) { told = { state: 'covered', what: describe(e), by: over.by }; continue; }
    return { state: 'ready', element: e, ...point, above: over };
  }
}

// A label's tap is given on to its control as a click of its own.
const controlled = (hit, target) => { const l = $(retarget(target)).closest('label'); return !!(l && l.control && within(hit, l.control)); };

// The guard on the real event: the first trusted pointer event decides; if it lands elsewhere, all of it is stopped.
// One that is armed ahead of its tap, while a picture is taken: what the page does till then is no effect of it, and a
// target that is replaced meanwhile is another.
function arm(e, clickless, ahead) {
  listen();
  watchAround(e);
  state.armed = { target: e, verdict: null, by: null, clicked: !!clickless, ahead: !!ahead };
  state.effect = { ...fresh(), target: e };
}
function guard(event) {
  if (event.isTrusted) state.touched = true;
  const a = state.armed;
  if (!a || !event.isTrusted) return;
  const hit = event.composedPath()[0];
  const missed = () => { a.verdict = 'miss'; a.by = describe($(hit).nodeType === 1 ? coverOf(hit, a.target) : doc.documentElement); };
  if (a.verdict === null) {
    a.verdict = 'hit';
    if (a.ahead) state.effect = { ...fresh(), target: a.target };
    if ($(a.target).isConnected ? !receives(hit, a.target) : a.ahead) missed();
  }
  // Pressed on the target and let go beside it, because it moved in between: that is no tap of it either.
  if (event.type === 'click' && a.verdict === 'hit' && $(a.target).isConnected && !receives(hit, a.target) && !controlled(hit, a.target)) missed();
  if (event.type === 'click' && a.verdict === 'hit' && $(a.target).isConnected) a.clicked = true;
  if (a.verdict === 'miss') { event.preventDefault(); event.stopImmediatePropagation(); }
}
const GUARDED = ['pointerdown', 'mousedown', 'touchstart', 'pointerup', 'mouseup', 'touchend', 'click', 'dblclick', 'auxclick'];
// `document.open()` takes every listener away. To add one that is there changes nothing.
function listen() {
  for (const type of GUARDED) window.addEventListener(type, guard, { capture: true, passive: false });
  for (const type of ['input', 'change', 'submit', 'toggle']) window.addEventListener(type, entered, true);
  for (const type of ['popstate', 'hashchange', 'DOMContentLoaded', 'load', 'scroll']) window.addEventListener(type, stirred, true);
}

const TEXTLIKE = /^(text|search|tel|url|email|password|number|)$/;
function fillIn(e, text) {
  const c = controlOf(e);
  if (c.tagName === 'INPUT' && !TEXTLIKE.test(c.getAttribute('type') || '')) {
    if (/^(checkbox|radio|file|button|submit|reset|image|hidden)$/.test(c.type)) return `a field of type ${c.type} cannot be filled`;
    c.focus();
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(c, text);
    if (c.value !== text) return `the field of type ${c.type} does not take this value`;
    c.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
    c.dispatchEvent(new Event('change', { bubbles: true }));
    return null;
  }
  if (!/^(INPUT|TEXTAREA)$/.test(c.tagName) && !c.isContentEditable) return `${describe(c)} is not a field`;
  c.focus();
  if (c.select) c.select(); else { const r = doc.createRange(); r.selectNodeContents(c); const s = getSelection(); s.removeAllRanges(); s.addRange(r); }
  // The browser's own insertion: trusted beforeinput and input events, undo history, and `change` on blur, as typing gives.
  if (text === '') doc.execCommand('delete'); else doc.execCommand('insertText', false, text);
  return null;
}
const valueOf = (e) => { const c = controlOf(e); return 'value' in c && c.tagName !== 'LI' && c.tagName !== 'BUTTON' ? c.value : null; };

const isOn = (c) => 'checked' in c ? c.checked : $(c).getAttribute('aria-checked') === 'true';
// The one option that a label names: wholly, or else in part.
function optionsOf(c, label) {
  const named = (exact) => [...c.options].filter((o) => !o.disabled && same(o.label || o.text, label, exact));
  const whole = named(true);
  return whole.length ? whole.slice(0, 1) : named(false);
}
async function act(args) {
  const until = performance.now() + args.slice;
  // What is asked later is what happens: one that was asked ahead and given up must not arm any more.
  const turn = ++state.acts;
  if (state.armed?.ahead && state.armed.verdict === null) state.armed = null;
  const found = await ready(args);
  if (args.still && turn !== state.acts) return { state: 'overtaken' };
  if (found.state !== 'ready') { if (found.state === 'missing') found.near = near(args.target); return found; }
  const e = found.element;
  delete found.element;
  found.locus = describe(e);
  switch (args.do) {
    // A guard that is still up from the tap before would stop what follows.
    case 'point': state.armed = null; break;
    case 'tap': arm(e, args.long, args.still); break;
    case 'check': {
      if (isOn(controlOf(e)) === args.checked) found.done = true; else arm(e);
      break;
    }
    case 'fill': {
      state.effect = fresh();
      if (args.secret) mask(controlOf(e));
      const problem = fillIn(e, args.text);
      if (problem) return { state: 'unfit', what: problem };
      // Not before the app has made of it what it makes at once: what moves under its cover costs the picture.
      if (args.cover) { await sleep(0); coverFor(args.cover, found); }
      break;
    }
    case 'choose': {
      const c = controlOf(e);
      if (c.tagName !== 'SELECT') return { state: 'unfit', what: `${describe(c)} is not a select` };
      let options = optionsOf(c, args.option);
      while (options.length !== 1 && performance.now() < until && c.isConnected) { await woken(100); options = optionsOf(c, args.option); }
      const listed = (all) => all.map((o) => `option "${fold(o.label)}"`).slice(0, 8);
      if (options.length > 1) return { state: 'ambiguous', matches: options.length, listed: listed(options) };
      if (!options.length) return { state: 'missing', option: true, near: listed([...c.options]) };
      const option = options[0];
      state.effect = fresh();
      c.focus();
      option.selected = true;
      c.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
      c.dispatchEvent(new Event('change', { bubbles: true }));
      break;
    }
    case 'focus': controlOf(e).focus(); state.effect = fresh(); break;
    case 'mark': state.marked = controlOf(e); break;
  }
  return found;
}

// Seeing: what must show, what a tap changed, and the values of figures.

// What has changed since an act began. What beats by itself (tickers, banners) does not count.
const fresh = () => ({ at: performance.now(), changes: 0, url: location.href, focus: doc.activeElement, scroll: scrollY, inputs: 0, target: null });
const state = {
  added: 0, acts: 0, armed: null, effect: null, wake: null, marked: null, lastChange: performance.now(), restless: new WeakMap(), beats: new WeakMap(), fields: new Set(), cover: null, dirty: true, touched: false, firstSeen: new WeakMap(),
  quiet() { return performance.now() - this.lastChange > 60 && doc.readyState !== 'loading'; },
};
state.effect = fresh();
const BEATS = 3, BEAT_APART_MS = 30, BEATS_WITHIN_MS = 15000;
// Whether a node had changed in this same way three times before the act began. A node that only came to be,
// or was filled once or twice, is no ticker: calling a good tap dead, and tapping again, is the worse mistake.
function beating(r, now) {
  let kinds = state.beats.get(r.target);
  if (!kinds) state.beats.set(r.target, kinds = new Map());
  const kind = r.type + (r.attributeName || '');
  let b = kinds.get(kind);
  if (!b) kinds.set(kind, b = { act: state.effect.at, before: [], since: [] });
  if (b.act !== state.effect.at) { b.before = [...b.before, ...b.since].slice(-BEATS); b.since = []; b.act = state.effect.at; }
  const lately = b.since.length ? b.since[b.since.length - 1] : b.before[b.before.length - 1];
  if (lately === undefined || now - lately > BEAT_APART_MS) b.since = [...b.since, now].slice(-BEATS);
  return b.before.length === BEATS && state.effect.at - b.before[0] < BEATS_WITHIN_MS;
}
const CHANGES = { subtree: true, childList: true, attributes: true, characterData: true };
const watch = new MutationObserver((records) => {
  const now = performance.now();
  for (const r of records) {
    const node = r.target;
    state.restless.set(node, now);
    if (r.addedNodes.length) state.added++;
    if (!beating(r, now)) state.effect.changes++;
  }
  state.lastChange = now;
  state.dirty = true;
  if (state.wake) state.wake();
});
watch.observe(document, CHANGES);
// What changes in a shadow root is told to nobody who watches the document alone.
function watchAround(e) {
  for (let root = $(e).getRootNode(); root !== doc && root.host; root = $(root.host).getRootNode()) watch.observe(root, CHANGES);
}
function stirred() { state.dirty = true; if (state.wake) state.wake(); }
function entered(event) {
  const f = state.effect;
  // The field that was filled before says that it changed when a tap takes the focus from it: that is no doing of the tap's.
  const e = event.target, written = e.tagName === 'TEXTAREA' || (e.tagName === 'INPUT' && TEXTLIKE.test(e.type));
  const left = event.type === 'change' && written && f.target && e === f.focus && !within(e, f.target) && !within(f.target, e);
  if (!left) f.inputs++;
  stirred();
}
listen();

function effectSeen() {
  const f = state.effect;
  // Armed ahead, and not pressed yet: whatever changes is no tap's doing.
  if (state.armed?.ahead && state.armed.verdict === null) return false;
  // What closes itself is gone: an effect, even where its surroundings changed a moment ago too.
  if (f.target && !$(f.target).isConnected) return true;
  if (f.changes > 0 || f.inputs > 0 || location.href !== f.url || scrollY !== f.scroll) return true;
  // A dead button takes the focus too; a field that takes it has done its work.
  const now = doc.activeElement;
  return now !== f.focus && now && now !== doc.body && ($(now).matches('input,textarea,select,[contenteditable]') || (f.target && !within(now, f.target) && !within(f.target, now)));
}

// Pressed, and replaced by its page before it was let go: no click came of it, and what changed was the page's own doing.
const lost = () => { const a = state.armed; return !!a && a.verdict === 'hit' && !a.clicked && !$(a.target).isConnected && location.href === state.effect.url; };

function holds(s) {
  switch (s.kind) {
    case 'see': { const n = find(s.target); const seen = n.filter(visible).length; return !n.doubt && (s.count == null ? seen > 0 : seen === s.count); }
    case 'not_see': { const n = find(s.target); return !n.doubt && !n.some(visible); }
    case 'path': { const path = new RegExp(s.pattern); return [location.pathname, location.pathname + location.search, location.pathname + location.hash].some((p) => path.test(p)); }
    case 'left': return brief(location.href, URL_MAX) !== s.url;
    default: return true;
  }
}
function missing(s) {
  const found = s.target ? find(s.target) : [];
  if (found.doubt) return { doubt: found.doubt };
  switch (s.kind) {
    case 'see': return { found: found.slice(0, 3).map(describe), near: near(s.target) };
    case 'not_see': return { found: found.filter(visible).slice(0, 3).map(describe) };
    default: return { at: location.href };
  }
}
// Whether a box is as it should be; one that is gone went with its tap, as a consent box does.
const asChecked = (checked) => { const e = state.effect.target; return checked == null || !e || !$(e).isConnected || isOn(controlOf(e)) === checked; };

// How long a tap may take to reach a frame.
const EVENT_MS = 200;
// One slice of waiting for sights; reads the guard out on the way, so that a tap and its effect cost one call.
async function settle(args) {
  const began = performance.now();
  const until = began + args.slice;
  const sights = args.sights || [];
  for (;;) {
    const armed = state.armed;
    // In a frame: no event came at all, so something above the frame took it.
    if (armed && armed.verdict === null && window !== top && performance.now() - began < EVENT_MS) { await woken(20); continue; }
    if (armed && armed.verdict === null && window !== top) { state.armed = null; return { guard: 'miss', by: 'something above the frame', outside: true }; }
    if (armed && armed.verdict === 'miss') { state.armed = null; return { guard: 'miss', by: armed.by }; }
    const held = sights.map(holds);
    const effect = !lost() && effectSeen();
    const checked = asChecked(args.checked);
    const done = !checked ? false : sights.length ? held.every(Boolean) && (!args.effect || effect || performance.now() - state.effect.at > args.effect) : !args.effect || effect;
    if (done || performance.now() >= until) {
      const out = { guard: armed ? armed.verdict : null, held, effect, checked, url: brief(location.href, URL_MAX), age: performance.now() - state.effect.at };
      if (sights.some((_, i) => !held[i])) out.why = sights.map((s, i) => held[i] ? null : missing(s));
      if (armed && !done && stillOpen(armed.target)) out.open = true;
      if (!args.keep) state.armed = null;
      // What is asked again is looked at then. A look that fails is a loss; the step is none the worse for it.
      try { if (args.look && (done || !sights.length)) out.page = look(args.look === 'always'); } catch (error) { out.lost = brief(String(error), 300); }
      if (args.cover && done) coverFor(args.cover, out);
      return out;
    }
    await woken(Math.min(50, Math.max(1, until - performance.now())));
  }
}

// Characters of a value that is read: more than a person could mean.
const VALUE_MAX = 65536;
async function read(args) {
  const until = performance.now() + args.slice;
  let told = [];
  for (;;) {
    told = args.reads.map((r) => {
      if (r.kind === 'url') return { value: brief(location.href, VALUE_MAX) };
      if (r.kind === 'title') return { value: brief(doc.title, VALUE_MAX) };
      const hits = find(r.target);
      if (hits.doubt) return { state: 'ambiguous', scope: true, ...hits.doubt };
      if (r.kind === 'count') return { value: String(hits.filter(visible).length) };
      if (hits.length !== 1) return { state: hits.length ? 'ambiguous' : 'missing', matches: hits.length, listed: hits.slice(0, 5).map(describe), near: hits.length ? [] : near(r.target) };
      const e = hits[0];
      if (r.attribute) { const v = $(e).getAttribute(r.attribute); return v === null ? { state: 'unreadable', what: describe(e) } : { value: brief(v, VALUE_MAX) }; }
      if (!visible(e)) return { state: 'hidden', what: describe(e) };
      const value = /^(INPUT|TEXTAREA|SELECT)$/.test($(e).tagName) ? (e.tagName === 'SELECT' ? e.selectedOptions[0]?.label ?? '' : e.value) : $(e).innerText;
      return fold(value) === '' ? { state: 'unreadable', what: describe(e) } : { value: brief(value, VALUE_MAX) };
    });
    if (told.every((t) => 'value' in t) || performance.now() >= until) return { told };
    await woken(50);
  }
}

// Looking: the page at the end of a step in one pass, for the detectors.

const BUSY = '[aria-busy=true],[role=progressbar]:not([aria-valuenow]),progress:not([value]),[class*=skeleton i],[class*=spinner i],[class*=loading i],[class*=shimmer i]';
const LOADING_TEXT = /^(加载中|正在加载|载入中|请稍候|请稍等|loading)[.。…\s]*$/i;
const CONTAINERS = /^(HTML|BODY)$/;
// A class says that it loads by its words: `van-loading__mask` does, `downloading-panel`, `page-loading-done` and
// `infinite-loading-container` do not.
const BUSY_WORDS = new Set(['loading', 'spinner', 'skeleton', 'shimmer']), IDLE_WORDS = new Set(['done', 'end', 'ended', 'complete', 'completed', 'finished', 'container']);
function busy(e) {
  if (e.matches('[aria-busy=true],[role=progressbar],progress')) return true;
  const words = (c) => c.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase().split(/[-_]+/);
  return [...e.classList].map(words).some((w) => w.some((x) => BUSY_WORDS.has(x)) && !w.some((x) => IDLE_WORDS.has(x)));
}
// Since when it shows, at the earliest: something on the way to it changed then. A class of the body may show a spinner
// that has been in the page since it came.
function shownSince(e) {
  let since = -1;
  for (let n = e; n; n = n.parentNode ?? n.host) since = Math.max(since, state.restless.get(n) ?? -1);
  return since < 0 ? performance.now() : since;
}

function shadowText() {
  return shadowRoots().map((r) => [...r.children].filter((c) => !SILENT.test($(c).tagName)).map((c) => $(c).innerText || '').join('\n')).join('\n');
}
function loadingMarks() {
  const now = performance.now();
  const marks = [];
  const note = (e) => {
    if (!visible(e) || marks.some((m) => within(e, m.e) || within(m.e, e))) return;
    if (!state.firstSeen.has(e)) state.firstSeen.set(e, Math.min(now, shownSince(e)));
    marks.push({ e, locus: cut(describe(e), 160), age_ms: Math.round(now - state.firstSeen.get(e)) });
  };
  for (const e of all(document, BUSY)) if (busy(e)) note(e);
  if (marks.length === 0 && doc.body) {
    const walk = doc.createTreeWalker(doc.body, NodeFilter.SHOW_TEXT, (n) => n.data.length < 24 && LOADING_TEXT.test(fold(n.data)) ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP);
    for (let n = walk.nextNode(); n && marks.length < 5; n = walk.nextNode()) if (n.parentElement) note(n.parentElement);
  }
  return marks.slice(0, 10).map(({ locus, age_ms }) => ({ locus, age_ms }));
}
// A 9 × 9 grid of points: a white screen is one where all of them hit nothing a customer could read or use.
function grid() {
  let empty = 0, points = 0;
  const known = new Map();
  for (let i = 1; i <= 9; i++) for (let j = 1; j <= 9; j++) {
    points++;
    const e = doc.elementFromPoint(innerWidth * i / 10, innerHeight * j / 10);
    if (!known.has(e)) known.set(e, !!e && says(e));
    if (!known.get(e)) empty++;
  }
  return { empty, points };
}
function says(e) {
  const f = $(e);
  if (CONTAINERS.test(f.tagName)) return false;
  return !!(fold(f.textContent) || f.matches('img,svg,canvas,video,iframe,input,button,select,textarea,object,embed') || f.shadowRoot || f.querySelector('img,svg,canvas,video,iframe,input,button')) || getComputedStyle(e).backgroundImage !== 'none';
}
function mainRegion() {
  const marked = doc.querySelector('main,[role=main]');
  if (marked) return { marked: true, roots: [marked] };
  const body = doc.body;
  return { marked: false, roots: body ? [...body.children].filter((c) => !/^(HEADER|NAV|FOOTER|SCRIPT|STYLE)$/.test($(c).tagName) && !/^(banner|navigation|contentinfo)$/.test(roleOf(c))) : [] };
}
function sheets() {
  let rules = 0;
  const lost = [];
  // Rules of another origin are there and cannot be read; a sheet of the page's own that cannot be read did not come.
  const own = (href) => { try { return new URL(href, location.href).origin === location.origin; } catch { return true; } };
  for (const s of doc.styleSheets) { try { rules += s.cssRules.length; } catch { if (s.href && !own(s.href)) rules++; } }
  for (const l of doc.querySelectorAll('link[rel~=stylesheet][href]')) {
    if (l.disabled || (l.media && !matchMedia(l.media).matches)) continue;
    const timing = performance.getEntriesByName(l.href).pop();
    let empty = !l.sheet;
    try { if (l.sheet && l.sheet.cssRules.length === 0 && timing && (timing.responseStatus >= 400 || timing.responseStatus === 0)) empty = true; } catch { empty = own(l.href); }
    const ended = doc.readyState === 'complete' || (timing && timing.responseEnd > 0);
    if (empty && ended) lost.push({ href: brief(l.href, URL_MAX) });
  }
  return { rules, lost };
}
let last = null;
function look(always) {
  if (!always && !state.dirty && last && last.url === location.href) { last.loading = loadingMarks(); if (state.young) last.flaws = flaws(sheets().rules); return last; }
  state.dirty = false;
  const text = (doc.body ? doc.body.innerText : '') + (shadowRoots().length ? '\n' + shadowText() : '');
  const region = mainRegion();
  const chars = region.roots.reduce((n, r) => n + fold($(r).innerText || '').length, 0);
  const elements = region.roots.reduce((n, r) => n + $(r).querySelectorAll('img,svg,canvas,video,iframe,input,button,select,textarea,a,p,li,td,h1,h2,h3,span,label').length, 0);
  const g = grid();
  const s = sheets();
  const root = doc.documentElement;
  const images = [...doc.images].filter((i) => i.complete && i.naturalWidth === 0 && (i.currentSrc || i.getAttribute('src')) && i.checkVisibility() && !(i.loading === 'lazy' && i.getBoundingClientRect().top > innerHeight));
  last = {
    url: brief(location.href, URL_MAX), title: brief(doc.title, 1024), ready_state: doc.readyState, text: cut(text, 65536), text_chars: fold(text).length, main_chars: chars, main_elements: elements, main_marked: region.marked,
    grid_empty: g.empty, grid_points: g.points,
    broken_images: images.slice(0, 20).map((i) => ({ src: brief(i.currentSrc || i.src, URL_MAX), alt: brief(i.alt, 1024), width: Math.round(i.getBoundingClientRect().width), height: Math.round(i.getBoundingClientRect().height) })),
    lost_sheets: s.lost.slice(0, 20), style_rules: s.rules, loading: loadingMarks(), overflow_x: root ? root.scrollWidth - root.clientWidth : 0, flaws: flaws(s.rules), frozen_ms: frozenMs(), charset: doc.characterSet, visible: doc.visibilityState === 'visible',
  };
  return last;
}

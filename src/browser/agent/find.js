// Finding: locators to elements, as a customer names them. Open shadow roots are pierced.
// Roles and names follow WAI-ARIA and accname 1.2 as far as customers of apps need them.

// A form gives a field of its own before its own property, and a document an image: `<input name=children>` would be
// the form's children. What is asked of either goes through the realm's own accessors instead.
const kinds = new WeakMap();
function own(n, key) {
  const proto = Object.getPrototypeOf(n);
  let known = kinds.get(proto);
  if (!known) kinds.set(proto, known = new Map());
  if (!known.has(key)) {
    let p = proto, found = null;
    while (p && !(found = Object.getOwnPropertyDescriptor(p, key))) p = Object.getPrototypeOf(p);
    known.set(key, found || {});
  }
  const { get, value } = known.get(key);
  return get ? Reflect.apply(get, n, []) : typeof value === 'function' ? (...args) => Reflect.apply(value, n, args) : value;
}
const shields = new WeakMap();
function $(n) {
  if (!(n instanceof HTMLFormElement) && n !== document) return n;
  let shield = shields.get(n);
  if (!shield) shields.set(n, shield = new Proxy({}, { get: (_, key) => own(n, key), has: (_, key) => key in Object.getPrototypeOf(n) }));
  return shield;
}
const doc = $(document);

// Pages may say as much as they like. What is handed on is cut well above what is kept of it: kept is what the lane cuts
// once its secrets are masked, and half a secret at the end of a text would not be known for one.
// A text that is cut says so: a beginning of a secret is masked where the text was cut behind it.
const cut = (s, chars) => s.length > chars ? s.slice(0, chars) + '…' : s;
const brief = (s, chars) => cut(String(s ?? ''), chars);
const URL_MAX = 4096;
const fold = (s) => (s || '').replace(/[\u200b\u00ad]/g, '').replace(/\s+/g, ' ').trim();
const same = (have, want, exact) => exact ? fold(have) === fold(want) : fold(have).toLowerCase().includes(fold(want).toLowerCase());
const parentOf = (n) => { const m = $(n); return m.assignedSlot || m.parentElement || (m.getRootNode() instanceof ShadowRoot ? m.getRootNode().host : null); };
const within = (n, root) => { for (let p = n; p; p = parentOf(p)) if (p === root) return true; return false; };

// Shadow hosts are rare; the list is kept and renewed only when nodes were added.
let hosts = null;
function shadowRoots() {
  if (hosts && hosts.epoch === state.added) return hosts.roots;
  const roots = [];
  const visit = (root) => {
    for (const e of $(root).querySelectorAll('*')) { const inner = $(e).shadowRoot; if (inner) { roots.push(inner); visit(inner); } }
  };
  visit(document);
  hosts = { epoch: state.added, roots };
  return roots;
}
const scopesOf = (scope) => scope === document ? [document, ...shadowRoots()] : [scope, ...shadowRoots().filter((r) => within(r.host, scope)), ...($(scope).shadowRoot ? [$(scope).shadowRoot] : [])];
const all = (scope, css) => scopesOf(scope).flatMap((s) => [...$(s).querySelectorAll(css)]);

function visible(e) {
  const f = $(e);
  if (!f.isConnected) return false;
  const style = getComputedStyle(e);
  if (style.display === 'contents') {
    for (const c of f.childNodes) {
      if ($(c).nodeType === 1 && visible(c)) return true;
      if (c.nodeType === 3 && fold(c.data)) { const r = doc.createRange(); r.selectNode(c); const b = r.getBoundingClientRect(); if (b.width > 0 && b.height > 0) return true; }
    }
    return false;
  }
  if (!f.checkVisibility() || style.visibility !== 'visible') return false;
  const b = f.getBoundingClientRect();
  return b.width > 0 && b.height > 0;
}

const NATIVE = {
  A: (e) => e.hasAttribute('href') ? 'link' : '', AREA: (e) => e.hasAttribute('href') ? 'link' : '', ARTICLE: 'article', ASIDE: 'complementary',
  BUTTON: 'button', DATALIST: 'listbox', DD: 'definition', DETAILS: 'group', DIALOG: 'dialog', DT: 'term', FIELDSET: 'group', FIGURE: 'figure',
  FOOTER: (e) => e.closest('article,aside,main,nav,section') ? '' : 'contentinfo', FORM: 'form',
  H1: 'heading', H2: 'heading', H3: 'heading', H4: 'heading', H5: 'heading', H6: 'heading',
  HEADER: (e) => e.closest('article,aside,main,nav,section') ? '' : 'banner', HR: 'separator', IMG: (e) => e.getAttribute('alt') === '' ? 'presentation' : 'img', SVG: 'img',
  LI: 'listitem', MAIN: 'main', MENU: 'list', METER: 'meter', NAV: 'navigation', OL: 'list', OPTGROUP: 'group', OPTION: 'option', OUTPUT: 'status',
  P: 'paragraph', PROGRESS: 'progressbar', SECTION: (e) => e.hasAttribute('aria-label') || e.hasAttribute('aria-labelledby') ? 'region' : '', SELECT: (e) => e.multiple || e.size > 1 ? 'listbox' : 'combobox',
  SUMMARY: 'button', TABLE: 'table', TBODY: 'rowgroup', TD: 'cell', TEXTAREA: 'textbox', TFOOT: 'rowgroup', TH: (e) => e.getAttribute('scope') === 'row' ? 'rowheader' : 'columnheader', THEAD: 'rowgroup', TR: 'row', UL: 'list',
  INPUT: (e) => ({ button: 'button', checkbox: 'checkbox', email: 'textbox', image: 'button', number: 'spinbutton', radio: 'radio', range: 'slider', reset: 'button', search: 'searchbox', submit: 'button', tel: 'textbox', text: e.list ? 'combobox' : 'textbox', url: 'textbox', hidden: '' })[e.type] ?? 'textbox',
};
function roleOf(e) {
  const given = fold($(e).getAttribute('role')).split(' ')[0];
  if (given) return given;
  const native = NATIVE[$(e).tagName.toUpperCase()];
  return typeof native === 'function' ? native(e) : native || '';
}
// Which tags can have a role without saying so, so that a role is looked up without walking the whole page.
const TAGS = {};
for (const [role, tags] of Object.entries({
  link: 'a[href],area[href]', button: 'button,summary,input[type=button],input[type=submit],input[type=reset],input[type=image]', heading: 'h1,h2,h3,h4,h5,h6', checkbox: 'input[type=checkbox]', radio: 'input[type=radio]',
  textbox: 'input,textarea', searchbox: 'input[type=search]', spinbutton: 'input[type=number]', slider: 'input[type=range]', combobox: 'select,input', listbox: 'select,datalist', option: 'option', img: 'img,svg', list: 'ul,ol,menu', listitem: 'li',
  table: 'table', row: 'tr', cell: 'td', columnheader: 'th', rowheader: 'th', navigation: 'nav', main: 'main', banner: 'header', contentinfo: 'footer', dialog: 'dialog', form: 'form', article: 'article', progressbar: 'progress', status: 'output', region: 'section', paragraph: 'p', group: 'fieldset,details,optgroup', complementary: 'aside', figure: 'figure', separator: 'hr', term: 'dt', definition: 'dd', meter: 'meter', rowgroup: 'tbody,thead,tfoot',
})) TAGS[role] = tags;

const FROM_CONTENT = new Set(['button', 'cell', 'checkbox', 'columnheader', 'gridcell', 'heading', 'link', 'menuitem', 'menuitemcheckbox', 'menuitemradio', 'option', 'radio', 'row', 'rowheader', 'switch', 'tab', 'tooltip', 'treeitem', 'listitem', 'term']);
function textFor(n, seen) {
  const m = $(n);
  if (m.nodeType === 3) return n.data;
  if (m.nodeType !== 1 || seen.has(n)) return '';
  if (m.getAttribute('aria-hidden') === 'true') return '';
  const style = getComputedStyle(n);
  if (style.display === 'none' || style.visibility === 'hidden') return '';
  const label = fold(m.getAttribute('aria-label'));
  if (label) return label;
  if (m.tagName === 'IMG') return n.alt || '';
  if (m.tagName === 'INPUT' && /^(button|submit|reset)$/.test(n.type)) return n.value;
  seen.add(n);
  let out = '';
  const children = m.shadowRoot ? m.shadowRoot.childNodes : m.tagName === 'SLOT' && m.assignedNodes().length ? m.assignedNodes() : m.childNodes;
  for (const c of children) out += textFor(c, seen);
  return /^(inline|contents)/.test(style.display) ? out : ` ${out} `;
}
function nameOf(e, role = roleOf(e)) {
  const f = $(e);
  const by = f.getAttribute('aria-labelledby');
  if (by) {
    const text = by.split(/\s+/).map((id) => f.getRootNode().getElementById?.(id)).filter(Boolean).map((n) => textFor(n, new Set())).join(' ');
    if (fold(text)) return fold(text);
  }
  const label = fold(f.getAttribute('aria-label'));
  if (label) return label;
  const tag = f.tagName;
  if (tag === 'INPUT' && /^(button|submit|reset)$/.test(e.type)) { const v = fold(e.value) || { submit: 'Submit', reset: 'Reset' }[e.type] || ''; if (v) return v; }
  if (f.labels && f.labels.length) { const t = fold([...f.labels].map((l) => textFor(l, new Set([e]))).join(' ')); if (t) return t; }
  if (tag === 'IMG' || tag === 'AREA' || (tag === 'INPUT' && e.type === 'image')) { const t = fold(f.getAttribute('alt')); if (t) return t; }
  if (tag === 'svg' || tag === 'SVG') { const t = f.querySelector(':scope > title'); if (t) return fold(t.textContent); }
  if (tag === 'FIELDSET') { const t = f.querySelector(':scope > legend'); if (t) return fold(textFor(t, new Set())); }
  if (tag === 'TABLE') { const t = f.querySelector(':scope > caption'); if (t) return fold(textFor(t, new Set())); }
  if (FROM_CONTENT.has(role)) { const t = fold(textFor(e, new Set())); if (t) return t; }
  return fold(f.getAttribute('title')) || fold(f.getAttribute('placeholder'));
}
// Hidden from assistive technology is hidden from `role`: customers name what they perceive.
const perceivable = (e) => { for (let p = e; p; p = parentOf(p)) if ($(p).getAttribute('aria-hidden') === 'true') return false; return $(e).checkVisibility({ visibilityProperty: true }); };

const SILENT = /^(SCRIPT|STYLE|NOSCRIPT|TEMPLATE|HEAD|TITLE|META|LINK)$/;
// Text a page may show: without what its scripts and styles say.
function spoken(n) {
  const m = $(n);
  if (m.nodeType === 3) return n.data;
  if (SILENT.test(m.tagName)) return '';
  if (!m.querySelector?.('script,style,noscript,template,title')) return m.textContent;
  return [...m.childNodes].map((c) => $(c).nodeType === 8 ? '' : spoken(c)).join('');
}
const ownText = (e) => $(e).tagName === 'INPUT' && /^(button|submit|reset)$/.test(e.type) ? e.value : $(e).textContent;
function byText(scope, want, exact) {
  const hits = [];
  for (const root of scopesOf(scope)) {
    const holds = (e) => same($(e).tagName === 'INPUT' ? ownText(e) : spoken(e), want, exact);
    // Pruned from above: an element whose text lacks it has no descendant that has it.
    const visit = (e) => {
      if (SILENT.test($(e).tagName)) return false;
      if (!fold(ownText(e)).toLowerCase().includes(fold(want).toLowerCase())) return false;
      let deeper = false;
      for (const c of $(e).children) deeper = visit(c) || deeper;
      if (!deeper && holds(e)) { hits.push(e); return true; }
      return deeper;
    };
    for (const e of $(root).children) visit(e);
  }
  return hits;
}
const CONTROLS = 'input:not([type=hidden]),select,textarea,button,meter,output,progress,[contenteditable],[role=textbox],[role=combobox],[role=spinbutton],[role=slider],[role=switch],[role=checkbox],[role=radio],[role=searchbox],[role=listbox]';
function byLabel(scope, want, exact) {
  const hits = new Set(all(scope, CONTROLS).filter((e) => {
    const texts = [];
    if ($(e).getAttribute('aria-labelledby')) texts.push(nameOf(e));
    if (e.getAttribute('aria-label')) texts.push(e.getAttribute('aria-label'));
    for (const l of e.labels || []) texts.push(textFor(l, new Set([e])));
    return texts.some((t) => same(t, want, exact));
  }));
  if (hits.size) return [...hits];
  // A label may also name a figure: `<dt>单位净值</dt><dd>1.2345</dd>`, or any element with that accessible name.
  const named = all(scope, '[aria-label],[aria-labelledby]').filter((e) => same(nameOf(e), want, exact));
  if (named.length) return named;
  const terms = all(scope, 'dt,th').filter((t) => same(t.textContent, want, exact));
  return terms.map((t) => t.nextElementSibling).filter((n) => n && /^(DD|TD)$/.test(n.tagName));
}

function query(t, scope) {
  switch (t.by) {
    case 'role': {
      const css = (TAGS[t.value] ? TAGS[t.value] + ',' : '') + `[role~="${CSS.escape(t.value)}"]`;
      return all(scope, css).filter((e) => roleOf(e) === t.value && perceivable(e) && (t.name == null || same(nameOf(e, t.value), t.name, t.exact)));
    }
    case 'label': return byLabel(scope, t.value, t.exact);
    case 'text': return byText(scope, t.value, t.exact);
    case 'placeholder': return all(scope, '[placeholder]').filter((e) => same(e.getAttribute('placeholder'), t.value, t.exact));
    case 'alt': return all(scope, '[alt]').filter((e) => same(e.getAttribute('alt'), t.value, t.exact));
    case 'title': return all(scope, '[title]').filter((e) => same($(e).getAttribute('title'), t.value, t.exact));
    case 'testid': return all(scope, `[data-testid="${CSS.escape(t.value)}"]`);
    case 'css': return all(scope, t.value);
    case 'xpath': {
      // From the document a path would leave the scope. Shadow roots are no part of XPath's world.
      const path = scope !== document && t.value.startsWith('/') ? '.' + t.value : t.value;
      const found = doc.evaluate(path, scope, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null);
      return Array.from({ length: found.snapshotLength }, (_, i) => found.snapshotItem(i)).filter((n) => n.nodeType === 1);
    }
    default: throw new Error(`unknown locator ${t.by}`);
  }
}

// The matches of a target. Of several, those a customer can see count; strictness is the caller's. Where the scope is
// not one element there are none, and `doubt` says so: nobody knows which was meant.
function find(t, root = document) {
  let scope = root;
  if (t.within) {
    const outer = find(t.within, root);
    if (outer.length > 1) return Object.assign([], { doubt: { matches: outer.length, listed: outer.slice(0, 5).map(describe) } });
    if (outer.length === 0) return outer;
    scope = outer[0];
  }
  let hits = [...new Set(query(t, scope))];
  if (t.has_text != null) hits = hits.filter((e) => same(spoken(e), t.has_text, false));
  if (hits.length > 1) { const seen = hits.filter(visible); if (seen.length) hits = seen; }
  if (t.nth != null) hits = hits.slice(t.nth - 1, t.nth);
  return hits;
}

function describe(e) {
  const f = $(e);
  const attr = (n) => f.getAttribute(n) ? ` ${n}="${cut(f.getAttribute(n), 60)}"` : '';
  const text = cut(fold(spoken(e)), 40);
  return `<${f.tagName.toLowerCase()}${attr('id')}${attr('class')}${attr('role')}${attr('name')}${attr('data-testid')}>${text ? ' ' + text : ''}`;
}

// What stands nearest to a name that was not found: offered in the diagnostic.
function near(t) {
  const want = fold(t.by === 'role' ? t.name || '' : t.value).toLowerCase();
  if (!want) return [];
  const grams = (s) => { const g = new Set(); for (let i = 0; i < s.length; i++) g.add(s.slice(i, i + 2)); return g; };
  const mine = grams(want);
  const pool = t.by === 'label' || t.by === 'placeholder' ? all(document, CONTROLS) : all(document, 'a,button,h1,h2,h3,label,[role],[data-testid],input[type=submit],li,td,th,p,span');
  const scored = [];
  for (const e of pool.slice(0, 800)) {
    const text = t.by === 'testid' ? $(e).getAttribute('data-testid') || '' : nameOf(e) || ($(e).children.length ? '' : fold($(e).textContent));
    if (!text || text.length > 60) continue;
    let hit = 0;
    for (const g of grams(text.toLowerCase())) if (mine.has(g)) hit++;
    const score = hit / Math.max(mine.size, text.length);
    if (score > 0.25 && visible(e)) scored.push([score, `${roleOf(e) || $(e).tagName.toLowerCase()} "${text}"`]);
  }
  return [...new Set(scored.sort((a, b) => b[0] - a[0]).map((s) => s[1]))].slice(0, 3);
}

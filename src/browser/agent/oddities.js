// What a page says by its colours, ticks and boxes, and what stands on it twice.

// Rates of change alone: of amounts, what is spent may be green and what comes in red, or the other way round.
const RATE = /^[+\-−]\s?\d[\d,]*(\.\d+)?\s?%$/;
// Orange is no red: it is what shops are painted in.
const REDDISH = (c) => c.r > c.g + 60 && c.r > c.b + 40 && c.g < c.b + 70, GREENISH = (c) => c.g > c.r + 40 && c.g > c.b + 20;
// Rises and falls of one page in colours that contradict each other; on a page of mainland China, rises in green alone.
function contrary(rates, note) {
  const of = (sign, tone) => rates.filter((r) => r.up === sign && r.tone === tone);
  const both = (sign) => of(sign, 'red').length > 0 && of(sign, 'green').length > 0;
  const rare = (sign) => { const [a, b] = [of(sign, 'red'), of(sign, 'green')]; return (a.length < b.length ? a : b)[0]; };
  const odd = both(true) ? rare(true) : both(false) ? rare(false) : null;
  const swapped = rates.length > 1 && of(true, 'green').length > 0 && !of(true, 'red').length && !of(false, 'green').length && /^zh(-cn|-hans.*)?$/i.test(doc.documentElement.lang);
  const told = odd || (swapped && rates[0]);
  if (told) note('contrary-colour', told.e, told.text);
}
function rateOf(e, style, text) {
  if (!RATE.test(text) || /^[+\-−]\s?0+(\.0+)?\s?%$/.test(text)) return null;
  const ink = rgb(style.color);
  const tone = ink && REDDISH(ink) ? 'red' : ink && GREENISH(ink) ? 'green' : null;
  return tone && { e, text, up: text.startsWith('+'), tone };
}

// A consent that is ticked on a page that nobody has touched. What a customer ticked, and went on from, is ticked when they
// come back to it.
const CONSENTS = /同意|授权|已阅读|已知悉|\b(i|we) (have read|agree|consent)\b/i, NO_CONSENT = /不同意|取消|撤回|记住|remember/i;
const ticked = new WeakSet();
function tickedConsents(note) {
  const kind = performance.getEntriesByType('navigation')[0]?.type;
  const untouched = !state.touched && kind !== 'back_forward' && kind !== 'reload';
  for (const c of doc.querySelectorAll('input[type=checkbox],[role=checkbox]')) {
    if (!isOn(c) || $(c).disabled || !(visible(c) || [...($(c).labels || [])].some(visible))) continue;
    const words = nameOf(c);
    if (!CONSENTS.test(words) || NO_CONSENT.test(words)) continue;
    if (untouched) ticked.add(c);
    if (ticked.has(c)) note('ticked-consent', c, words);
  }
}

// Characters of a font's private area, where icons and rare characters of names stand: no other font has pictures of them.
const PRIVATE = /[\uE000-\uF8FF]/;
const NO_CHARACTER = '\u0378';
function pictureOf(text, font) {
  const c = doc.createElement('canvas');
  c.width = c.height = 32;
  const pen = c.getContext('2d', { willReadFrequently: true });
  pen.font = font; pen.textBaseline = 'top'; pen.fillText(text, 2, 2);
  return pen.getImageData(0, 0, 32, 32).data.join();
}
function boxes(odd, note) {
  if (odd.length === 0 || doc.fonts.status !== 'loaded') return;
  for (const { e, style, text } of odd.slice(0, 5)) {
    const font = `${style.fontStyle} ${style.fontWeight} 24px ${style.fontFamily}`;
    const box = pictureOf(NO_CHARACTER, font);
    // Where the robot has no Chinese font at all, everything is a box, and that is none of the app's doing.
    if (pictureOf('中', font) !== box && pictureOf(text.match(PRIVATE)[0], font) === box) { note('missing-glyph', e, text); return; }
  }
}

// A block with its heading, drawn by the server and once more by the script. Lists that run round hold no headings.
const BLOCK_CHARS_MIN = 30;
const BLOCK_CHARS_MAX = 20000;
function slides(e) {
  for (let p = e, level = 0; p && p !== doc.body && level < 4; p = parentOf(p), level++) {
    const style = getComputedStyle(p), f = $(p);
    if (style.overflowX !== 'visible' && f.scrollWidth > f.clientWidth + 4) return true;
    // What a customer scrolls is no ticker; what is cut off for good may run through its window.
    if (/hidden|clip/.test(style.overflowY) && f.scrollHeight > f.clientHeight + 4) return true;
  }
  return false;
}
// Whether two blocks of one text stand beside each other, or in two neighbours that are the same throughout.
const TWICE_LEVELS = 3;
function twice(a, b) {
  for (let level = 0; level < TWICE_LEVELS && parentOf(a) !== parentOf(b); level++) {
    [a, b] = [parentOf(a), parentOf(b)];
    if (!a || !b || a === b) return false;
  }
  const list = parentOf(a);
  return !!list && list === parentOf(b) && !slides(list) && !within(a, b) && !within(b, a) && fold($(a).textContent) === fold($(b).textContent);
}
function doubled(note) {
  const known = new Map(), read = new Set();
  for (const h of [...doc.querySelectorAll('h1,h2,h3')].slice(0, 60)) {
    const block = $(h).closest('section,article,form,main,[role=region],[role=main]') || $(h).parentElement;
    // What is shown twice on purpose stands in two lists, or in one that slides.
    const list = parentOf(block);
    if (read.has(block) || !list || $(block).textContent.length > BLOCK_CHARS_MAX || slides(list)) continue;
    read.add(block);
    const text = fold($(block).textContent);
    if (text.length < BLOCK_CHARS_MIN || !visible(h) || $(block).closest('[aria-hidden=true],[inert]')) continue;
    const first = known.get(text);
    if (first && first !== block && twice(first, block)) { note('doubled-block', block, h.textContent); return; }
    known.set(text, first || block);
  }
}

// A keypad of the page's own is a canvas that says so, or stands in something that does.
const KEYPAD = /键盘|key-?pad|keyboard/i;
function isKeypad(c) {
  for (let p = c, level = 0; p && level < 4; p = parentOf(p), level++) {
    if (KEYPAD.test($(p).getAttribute('aria-label') || '') || KEYPAD.test($(p).id || '') || KEYPAD.test($(p).getAttribute('class') || '')) return true;
  }
  return false;
}

// What sends something that may be there twice: a query may be asked as often as one likes.
const SENDS = /提交|确认|下一步|支付|付款|转账|汇款|申购|购买|买入|赎回|签约|保存|submit|confirm|next|pay|buy|transfer|order|save/i;
// Whether what was tapped can be tapped once more, as far as a customer can see.
const UNDER_WAY = /中[.。…]*$|请稍[候等]|loading|\.\.\.$|…$/i;
function stillOpen(e) {
  const c = retarget(e);
  if (!$(c).isConnected || !$(c).matches('button,input[type=submit],input[type=button],[role=button]') || $(c).matches('a') || !visible(c) || disabled(c) || !SENDS.test(nameOf(c) || c.value || '')) return false;
  for (let p = c; p; p = parentOf(p)) if ($(p).getAttribute('aria-busy') === 'true' || busy(p)) return false;
  if ($(c).querySelector(BUSY) || UNDER_WAY.test(fold($(c).innerText || c.value))) return false;
  const point = pointOf(c);
  return !!point && receives(hitAt(point.x, point.y), c);
}

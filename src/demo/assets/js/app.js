// What every page shares: asking the API, showing figures, saying what went wrong.
'use strict';
const TC = (() => {
  const ask = async (path, options) => {
    const answer = await fetch(path, options);
    if (!answer.ok) throw new Error('网络异常（' + answer.status + '），请稍后重试');
    const body = await answer.json();
    if (body.code === 'E0401') { location.assign('/login'); return new Promise(() => {}); }
    if (body.code !== '0000') throw Object.assign(new Error(body.message), { code: body.code });
    return body.data;
  };
  const get = (path) => ask(path);
  const post = (path, data) => ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(data ?? {}) });
  const send = (path, form) => ask(path, { method: 'POST', body: form });

  // Figures come as text and stay text: no float ever touches money.
  const grouped = (text) => {
    const [whole, cents] = String(text).split('.');
    const sign = whole.startsWith('-') ? '-' : '';
    const marked = whole.replace('-', '').replace(/\B(?=(\d{3})+(?!\d))/g, ',');
    return sign + marked + (cents === undefined ? '' : '.' + cents);
  };
  const signed = (text) => (/^-|^0(\.0+)?$/.test(text) ? '' : '+') + text;
  const tone = (text) => (/^0(\.0+)?$/.test(text) ? 'flat' : text.startsWith('-') ? 'down' : 'up');

  const el = (name, attributes, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value === undefined || value === null || value === false) continue;
      if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
      else node.setAttribute(key, value);
    }
    node.append(...children.filter((c) => c !== null && c !== undefined));
    return node;
  };
  const put = (values) => {
    for (const [key, value] of Object.entries(values)) {
      for (const node of document.querySelectorAll(`[data-bind="${key}"]`)) {
        node.textContent = value;
        if (node.classList.contains('signed')) node.dataset.tone = tone(String(value).replace(/[+%]/g, ''));
      }
    }
  };
  const list = (id, items, empty) => {
    const node = document.getElementById(id);
    node.replaceChildren(...(items.length ? items : [el('li', { class: 'empty' },
      el('img', { src: '/assets/img/empty.svg', alt: '', width: 120, height: 96 }), el('p', {}, empty || '暂无数据'))]));
  };
  const toast = (text) => {
    const node = document.getElementById('toast');
    node.textContent = text;
    node.classList.add('shown');
    clearTimeout(toast.timer);
    toast.timer = setTimeout(() => node.classList.remove('shown'), 2600);
  };
  const complain = (id, text) => {
    const node = document.getElementById(id);
    node.textContent = text || '';
    node.hidden = !text;
  };
  // A button is out of action while its request is under way, so nothing is sent twice.
  const busy = async (button, work) => {
    if (button.disabled) return;
    button.disabled = true;
    button.setAttribute('aria-busy', 'true');
    try { await work(); } finally {
      button.disabled = false;
      button.removeAttribute('aria-busy');
    }
  };
  const start = (work) => {
    const go = () => Promise.resolve(work()).catch((trouble) => toast(trouble.message));
    if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', go); else go();
  };
  return { get, post, send, grouped, signed, tone, el, put, list, toast, complain, busy, start };
})();

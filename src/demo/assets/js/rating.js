// Five stars in an open shadow root.
'use strict';
customElements.define('tc-rating', class extends HTMLElement {
  connectedCallback() {
    const root = this.attachShadow({ mode: 'open' });
    const sheet = document.createElement('style');
    sheet.textContent = 'div{display:flex;gap:6px}button{width:44px;height:44px;border:0;background:none;font-size:30px;line-height:1;color:#cfdcde;cursor:pointer}button[aria-checked=true],button.on{color:#f08a3c}';
    const group = document.createElement('div');
    group.setAttribute('role', 'radiogroup');
    group.setAttribute('aria-label', '服务评分');
    this.value = 0;
    for (let n = 1; n <= 5; n += 1) {
      const star = document.createElement('button');
      star.type = 'button';
      star.textContent = '★';
      star.setAttribute('role', 'radio');
      star.setAttribute('aria-checked', 'false');
      star.setAttribute('aria-label', n + ' 星');
      star.addEventListener('click', () => {
        this.value = n;
        [...group.children].forEach((other, at) => {
          other.setAttribute('aria-checked', String(at === n - 1));
          other.classList.toggle('on', at < n);
        });
      });
      group.append(star);
    }
    root.append(sheet, group);
  }
});

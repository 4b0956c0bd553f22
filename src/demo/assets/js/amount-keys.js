// Amounts people often choose. An open shadow root, as design systems build them.
'use strict';
customElements.define('tc-amount-keys', class extends HTMLElement {
  connectedCallback() {
    const root = this.attachShadow({ mode: 'open' });
    const sheet = document.createElement('style');
    sheet.textContent = ':host{display:block;margin:0 0 18px}div{display:flex;gap:8px}button{flex:1;min-height:40px;border:1px solid #cfdcde;border-radius:10px;background:#f5f9f9;color:#0b3b46;font:600 14px/1 inherit;cursor:pointer}button:hover{border-color:#0f7a86}';
    const group = document.createElement('div');
    group.setAttribute('role', 'group');
    group.setAttribute('aria-label', '快捷金额');
    for (const amount of ['100', '1000', '5000', '10000']) {
      const key = document.createElement('button');
      key.type = 'button';
      key.textContent = amount;
      key.setAttribute('aria-label', amount + '元');
      key.addEventListener('click', () => {
        const field = document.getElementById(this.getAttribute('for'));
        field.value = amount + '.00';
        field.dispatchEvent(new Event('input', { bubbles: true }));
      });
      group.append(key);
    }
    root.append(sheet, group);
  }
});

'use strict';
TC.start(async () => {
  const state = { items: [], category: '全部', text: '' };
  const row = (f) => TC.el('li', { 'data-code': f.code },
    TC.el('a', { href: '/funds/' + f.code },
      TC.el('span', { class: 'row-main' }, TC.el('span', { class: 'row-name' }, f.name),
        TC.el('span', { class: 'row-sub' }, TC.el('span', {}, f.code), TC.el('span', { class: 'tag' }, f.category), TC.el('span', { class: 'tag risk', 'data-testid': 'risk-' + f.code }, f.risk))),
      TC.el('span', { class: 'row-mid' }, TC.el('span', { class: 'row-figure', 'data-testid': 'nav-' + f.code }, f.nav),
        TC.el('span', { class: 'row-sub signed', 'data-tone': TC.tone(f.day_change) }, TC.signed(f.day_change) + '%')),
      TC.el('span', { class: 'row-side' }, TC.el('span', { class: 'row-figure signed', 'data-testid': 'year-' + f.code, 'data-tone': TC.tone(f.year_return) }, TC.signed(f.year_return) + '%'))));
  const draw = () => {
    const fits = (f) => (state.category === '全部' || f.category === state.category) && (f.name + f.code).includes(state.text);
    TC.list('funds', state.items.filter(fits).map(row), '没有符合条件的产品');
  };
  for (const chip of document.querySelectorAll('[data-category]')) {
    chip.addEventListener('click', () => {
      state.category = chip.dataset.category;
      for (const other of document.querySelectorAll('[data-category]')) other.setAttribute('aria-pressed', String(other === chip));
      draw();
    });
  }
  document.getElementById('q').addEventListener('input', (event) => { state.text = event.target.value.trim(); draw(); });
  const data = await TC.get('/api/funds');
  state.items = data.items;
  TC.put({ nav_date: data.nav_date });
  draw();
});

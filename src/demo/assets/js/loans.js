'use strict';
TC.start(async () => {
  const tile = (l) => TC.el('li', { class: 'card tile', 'data-code': l.code },
    TC.el('strong', { class: 'tile-name' }, l.name),
    TC.el('span', { class: 'tile-figure', 'data-testid': 'apr-' + l.code }, l.apr + '%'),
    TC.el('span', { class: 'row-sub' }, '年化利率（单利）'),
    TC.el('span', { class: 'tile-tags' }, TC.el('span', { class: 'tag' }, '最高 ' + TC.grouped(l.limit.replace(/\.00$/, '')) + ' 元'),
      TC.el('span', { class: 'tag' }, l.months + ' 个月'), TC.el('span', { class: 'tag' }, l.repayment)));
  const form = document.getElementById('calc');
  let items = [];
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const loan = items.find((l) => l.code === form['calc-product'].value);
    // amount × apr × months / 12, in cents and hundredths of a percent.
    const cents = Math.round(Number(form['calc-amount'].value) * 100);
    const interest = Math.round((cents * Math.round(Number(loan.apr) * 100) * Number(form['calc-months'].value)) / 120000);
    document.getElementById('interest').textContent = TC.grouped((interest / 100).toFixed(2));
  });
  const data = await TC.get('/api/loans');
  items = data.items;
  TC.list('loans', items.map(tile), '暂无可申请的贷款');
  form['calc-product'].replaceChildren(...items.map((l) => TC.el('option', { value: l.code }, l.name)));
  if (data.mine) {
    TC.put({ owed: TC.grouped(data.mine.owed) + ' 元', due: data.mine.due });
    document.getElementById('mine').hidden = false;
  }
});

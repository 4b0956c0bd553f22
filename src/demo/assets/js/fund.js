'use strict';
TC.start(async () => {
  const code = document.getElementById('fund').dataset.code;
  document.getElementById('open-prospectus').addEventListener('click', () => {
    window.open('/funds/' + code + '/prospectus', 'prospectus', 'popup,width=480,height=720');
  });
  const feed = new WebSocket(location.origin.replace('http', 'ws') + '/feed/quotes?code=' + code);
  const f = await TC.get('/api/funds/' + code);
  TC.put({
    category: f.category, risk: f.risk, year_return: TC.signed(f.year_return) + '%', nav: f.nav,
    day_change: TC.signed(f.day_change) + '%', estimate: f.estimate, nav_date: f.nav_date,
    period: f.performance_from + ' 至 ' + f.performance_to, min_amount: TC.grouped(f.min_amount) + ' 元',
    fee_base: f.fee_base + '%', fee_shown: f.fee_shown + '%', manager: f.manager, company: f.company,
  });
  const { draw } = await import('/assets/js/chart.js');
  draw(document.getElementById('chart'), f.history.map((h) => Number(h.nav)));
  // Not before the fund is there: what both say of it at first is one figure.
  feed.addEventListener('message', (word) => {
    const shown = document.querySelector('[data-bind="estimate"]');
    const { estimate } = JSON.parse(word.data);
    if (shown && shown.textContent !== estimate) shown.textContent = estimate;
  });
});

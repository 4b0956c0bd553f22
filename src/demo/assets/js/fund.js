'use strict';
TC.start(async () => {
  const code = document.getElementById('fund').dataset.code;
  document.getElementById('open-prospectus').addEventListener('click', () => {
    window.open('/funds/' + code + '/prospectus', 'prospectus', 'popup,width=480,height=720');
  });
  const f = await TC.get('/api/funds/' + code);
  TC.put({
    category: f.category, risk: f.risk, year_return: TC.signed(f.year_return) + '%', nav: f.nav,
    day_change: TC.signed(f.day_change) + '%', estimate: f.estimate, nav_date: f.nav_date,
    period: f.performance_from + ' 至 ' + f.performance_to, min_amount: TC.grouped(f.min_amount) + ' 元',
    fee_base: f.fee_base + '%', fee_shown: f.fee_shown + '%', manager: f.manager, company: f.company,
  });
  const { draw } = await import('/assets/js/chart.js');
  draw(document.getElementById('chart'), f.history.map((h) => Number(h.nav)));
  setInterval(async () => {
    try { TC.put({ estimate: (await TC.get('/api/funds/' + code + '/estimate')).estimate }); } catch { /* The next tick tries again. */ }
  }, 5000);
});

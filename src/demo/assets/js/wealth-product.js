'use strict';
TC.start(async () => {
  const code = document.getElementById('wealth-product').dataset.code;
  const subscribe = document.getElementById('subscribe');
  subscribe.addEventListener('click', () => document.getElementById('read-first').showModal());
  const w = await TC.get('/api/wealth/' + code);
  TC.put({
    risk: w.risk, status: w.status, benchmark: w.benchmark_low + '%–' + w.benchmark_high + '%', annualised: w.annualised + '%',
    term: w.term_days + ' 天', min_amount: TC.grouped(w.min_amount) + ' 元', quota: TC.grouped(w.quota) + ' 元',
    offer_start: w.offer_start, offer_end: w.offer_end, value_date: w.value_date, maturity: w.maturity,
    period: w.performance_from + ' 至 ' + w.performance_to,
  });
  subscribe.disabled = !w.buyable;
  if (!w.buyable) subscribe.textContent = '已结束';
});

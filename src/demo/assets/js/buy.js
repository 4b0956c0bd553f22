'use strict';
TC.start(async () => {
  const form = document.getElementById('buy-form');
  const code = form.dataset.code;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    TC.complain('buy-error');
    return TC.busy(form.querySelector('[type=submit]'), async () => {
      try {
        const wish = { code, amount: form.amount.value.trim(), pin: form.pin.value, risk_read: form.risk_read.checked };
        const data = await TC.post('/api/orders/prepare', wish);
        location.assign('/orders/' + data.id + '/confirm');
      } catch (trouble) { TC.complain('buy-error', trouble.message); }
    });
  });
  const [fund, home] = await Promise.all([TC.get('/api/funds/' + code), TC.get('/api/home')]);
  TC.put({ available: TC.grouped(home.assets.cash) });
  // In cents and hundredths of a percent, so that the estimate is exact.
  const estimate = () => {
    const cents = Math.round(Number(form.amount.value.replace(/,/g, '')) * 100);
    const rate = Math.round(Number(fund.fee_shown) * 100);
    const fee = Number.isFinite(cents) && cents > 0 ? cents - Math.round((cents * 10000) / (10000 + rate)) : null;
    TC.put({ fee: fee === null ? '--' : (fee / 100).toFixed(2) + ' 元' });
  };
  form.amount.addEventListener('input', estimate);
  estimate();
});

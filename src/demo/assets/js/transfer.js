'use strict';
TC.start(async () => {
  const form = document.getElementById('transfer-form');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    TC.complain('transfer-error');
    return TC.busy(form.querySelector('[type=submit]'), async () => {
      try {
        const wish = { payee: form.payee.value, amount: form.amount.value.trim(), remark: form.remark.value, pin: form.pin.value };
        const data = await TC.post('/api/transfers/prepare', wish);
        location.assign('/transfers/' + data.id + '/confirm');
      } catch (trouble) { TC.complain('transfer-error', trouble.message); }
    });
  });
  const data = await TC.get('/api/payees');
  form.payee.append(...data.items.map((p) => TC.el('option', { value: p.id }, p.name + '（' + p.account + '）')));
  TC.put({ available: TC.grouped(data.available) });
});

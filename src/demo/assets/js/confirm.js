'use strict';
TC.start(async () => {
  const { kind, id } = document.getElementById('confirm').dataset;
  const submit = document.getElementById('submit');
  submit.addEventListener('click', () => TC.busy(submit, async () => {
    try {
      await TC.post('/api/' + kind, { id });
      location.assign('/' + kind + '/' + id + '/done');
    } catch (trouble) { TC.complain('confirm-error', trouble.message); }
  }));
  const data = await TC.get('/api/' + kind + '/prepared/' + id);
  TC.put({ ...data, amount: TC.grouped(data.amount), fee: TC.grouped(data.fee), net: data.net && TC.grouped(data.net) });
});

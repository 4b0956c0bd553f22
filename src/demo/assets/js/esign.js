'use strict';
TC.start(() => {
  const sign = document.getElementById('sign');
  const signed = document.getElementById('signed');
  document.getElementById('read').addEventListener('change', (event) => { sign.disabled = !event.target.checked; });
  sign.addEventListener('click', () => TC.busy(sign, async () => {
    try {
      const data = await TC.post('/api/esign/sign');
      signed.textContent = '签约成功，合同编号 ' + data.number;
      signed.hidden = false;
    } catch (trouble) { TC.toast(trouble.message); }
  }));
});

'use strict';
TC.start(() => {
  const form = document.getElementById('verify-form');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!/^\d{6}$/.test(form.code.value)) return TC.complain('verify-error', '请输入 6 位数字验证码');
    TC.complain('verify-error');
    return TC.busy(form.querySelector('[type=submit]'), async () => {
      try {
        const data = await TC.post('/api/login/verify', { code: form.code.value });
        location.assign(data.next);
      } catch (trouble) { TC.complain('verify-error', trouble.message); }
    });
  });
});

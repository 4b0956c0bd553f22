'use strict';
TC.start(() => {
  const form = document.getElementById('login-form');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!form.username.value || !form.password.value) return TC.complain('login-error', '请输入用户名和密码');
    if (!form.agree.checked) return TC.complain('login-error', '请先阅读并同意用户协议与个人信息保护政策');
    TC.complain('login-error');
    return TC.busy(form.querySelector('[type=submit]'), async () => {
      try {
        const data = await TC.post('/api/login', { username: form.username.value.trim(), password: form.password.value });
        location.assign(data.next);
      } catch (trouble) { TC.complain('login-error', trouble.message); }
    });
  });
});

'use strict';
TC.start(async () => {
  const form = document.getElementById('nickname-form');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    return TC.busy(form.querySelector('[type=submit]'), async () => {
      try {
        await TC.post('/api/profile/nickname', { nickname: form.nickname.value });
        TC.toast('保存成功');
      } catch (trouble) { TC.toast(trouble.message); }
    });
  });
  const quiet = document.getElementById('quiet');
  quiet.addEventListener('click', () => quiet.setAttribute('aria-checked', String(quiet.getAttribute('aria-checked') !== 'true')));
  const data = await TC.get('/api/profile');
  TC.put({ name: data.name, phone: data.phone, id_card: data.id_card, level: data.level });
  form.nickname.value = data.nickname;
});

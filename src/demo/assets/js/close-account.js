'use strict';
TC.start(() => {
  const close = document.getElementById('close');
  document.getElementById('understood').addEventListener('change', (event) => { close.disabled = !event.target.checked; });
  close.addEventListener('click', () => TC.busy(close, async () => {
    try { TC.toast((await TC.post('/api/account/close')).message); } catch (trouble) { TC.complain('close-error', trouble.message); }
  }));
});

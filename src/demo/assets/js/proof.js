'use strict';
TC.start(async () => {
  const form = document.getElementById('proof-form');
  const row = (p) => TC.el('li', { class: 'plain' }, TC.el('span', { class: 'row-name' }, p.name), TC.el('span', { class: 'row-sub' }, p.bytes + ' 字节 · ' + p.status));
  const load = async () => {
    const { items } = await TC.get('/api/proofs');
    if (items.length) TC.list('proofs', items.map(row));
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    TC.complain('proof-error');
    if (!form.file.files.length) return TC.complain('proof-error', '请选择文件');
    return TC.busy(form.querySelector('[type=submit]'), async () => {
      try {
        const data = await TC.send('/api/proofs', new FormData(form));
        TC.toast('上传成功：' + data.name);
        form.reset();
        await load();
      } catch (trouble) { TC.complain('proof-error', trouble.message); }
    });
  });
  await load();
});

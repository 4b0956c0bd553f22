'use strict';
TC.start(async () => {
  const form = document.getElementById('complaint-form');
  const done = document.getElementById('complaint-done');
  const row = (c) => TC.el('li', { class: 'plain' }, TC.el('span', { class: 'row-main' }, TC.el('span', { class: 'row-name' }, c.number), TC.el('span', { class: 'row-sub' }, c.kind)), TC.el('span', { class: 'tag' }, c.status));
  const load = async () => {
    const data = await TC.get('/api/complaints');
    if (form.kind.options.length < 2) form.kind.append(...data.kinds.map((k) => TC.el('option', { value: k }, k)));
    TC.list('complaints', data.items.map(row), '暂无记录');
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    TC.complain('complaint-error');
    return TC.busy(form.querySelector('[type=submit]'), async () => {
      try {
        const rating = form.querySelector('tc-rating').value;
        const filed = await TC.post('/api/complaints', { kind: form.kind.value, text: form.text.value, rating });
        done.textContent = '提交成功，受理编号 ' + filed.number;
        done.hidden = false;
        form.reset();
        await load();
      } catch (trouble) { TC.complain('complaint-error', trouble.message); }
    });
  });
  await load();
});

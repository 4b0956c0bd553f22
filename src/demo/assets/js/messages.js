'use strict';
TC.start(async () => {
  const row = (m) => TC.el('li', { class: 'plain' + (m.unread ? ' unread' : '') },
    TC.el('details', {}, TC.el('summary', {}, TC.el('span', { class: 'row-name' }, m.title), TC.el('span', { class: 'row-sub' }, m.date)), TC.el('p', {}, m.text)));
  const load = async () => {
    const data = await TC.get('/api/messages');
    TC.put({ unread: data.unread });
    TC.list('messages', data.items.map(row), '暂无消息');
  };
  const all = document.getElementById('read-all');
  all.addEventListener('click', () => TC.busy(all, async () => {
    await TC.post('/api/messages/read-all');
    await load();
    TC.toast('已全部标为已读');
  }).catch((trouble) => TC.toast(trouble.message)));
  await load();
});

'use strict';
TC.start(async () => {
  const row = (s) => TC.el('li', { class: 'plain' }, TC.el('span', { class: 'row-name' }, s.month),
    TC.el('a', { class: 'button small', href: '/statements/' + s.file, download: '', 'aria-label': '下载 ' + s.month + '月结单', 'data-testid': 'statement-' + s.file.slice(0, 7) }, '下载'));
  const data = await TC.get('/api/statements');
  TC.list('statements', data.items.map(row), '暂无月结单');
});

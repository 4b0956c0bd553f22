//! Acting on real pages: each small page with what a customer would do there, and what must come of it.

use super::rig::{Rig, told};
use super::zoo::{Pages, Zoo};
use futures_util::StreamExt as _;
use gengfu::walk::{Degradation, Outcome, WalkRecord};
use std::time::Duration;

/// Page, steps, outcome. The outcome is `passed`, `second tap`, or a failure's word and a part of what it says.
pub type Case = (&'static str, &'static str, &'static str);

/// The most round trips of a verified tap.
const ROUND_TRIPS_MAX: u32 = 4;
/// How long a step that should succeed may take: a busy machine is no reason to fail.
const STEP_WITHIN: Duration = Duration::from_secs(20);
/// How long a step waits for what will not come.
const IN_VAIN: &str = "\n    within: 2s";
/// Walks at once: enough to be quick, few enough that two cores keep the pages' own times.
const AT_ONCE: usize = 5;

const TAP: &str = "- tap: {role: button, name: 下一步}\n    see: {text: 已完成}";

const PAGES: Pages = &[
    ("/plain", "<button onclick=done()>下一步</button>"),
    (
        "/late",
        "<script>setTimeout(()=>document.body.insertAdjacentHTML('afterbegin','<button onclick=done()>下一步</button>'),700)</script>",
    ),
    (
        "/enabled-later",
        "<button disabled onclick=done()>下一步</button><script>setTimeout(()=>q('button').disabled=false,700)</script>",
    ),
    (
        "/aria-later",
        "<div aria-disabled=true role=group><button onclick=done()>下一步</button></div><script>setTimeout(()=>q('div').removeAttribute('aria-disabled'),700)</script>",
    ),
    ("/aria-disabled", "<div aria-disabled=true role=group><button onclick=done()>下一步</button></div>"),
    ("/fieldset", "<fieldset disabled><button onclick=done()>下一步</button></fieldset>"),
    (
        "/moving",
        "<style>@keyframes m{from{margin-left:0}to{margin-left:150px}}button{animation:m .8s linear}</style><button onclick=done()>下一步</button>",
    ),
    (
        "/moved-by-script",
        "<button style=position:relative onclick=done()>下一步</button><script>let n=0;const t=setInterval(()=>{q('button').style.left=(n+=5)+'px';if(n>150)clearInterval(t)},25)</script>",
    ),
    (
        "/overlay-goes",
        "<button onclick=done()>下一步</button><div id=mask style='position:fixed;inset:0;background:#0008'></div><script>setTimeout(()=>q('#mask').remove(),800)</script>",
    ),
    (
        "/mask",
        "<button onclick=done()>下一步</button><div class=mask style='position:fixed;inset:0;background:#0008'>加载中</div>",
    ),
    (
        "/replaced",
        "<div id=box></div><script>let n=0;const put=()=>{q('#box').innerHTML='<button onclick=done()>下一步</button>';if(n++<8)setTimeout(put,90)};put()</script>",
    ),
    (
        "/swallowed",
        "<div id=box><button onclick=done()>下一步</button></div><script>let n=0;addEventListener('mousedown',()=>{if(n++===0)q('#box').innerHTML=q('#box').innerHTML},true)</script>",
    ),
    (
        "/shadow",
        "<div id=host></div><script>const r=q('#host').attachShadow({mode:'open'});r.innerHTML='<div id=in></div>';const r2=r.querySelector('#in').attachShadow({mode:'open'});r2.innerHTML='<button>下一步</button>';r2.querySelector('button').onclick=()=>done()</script>",
    ),
    (
        "/sticky",
        "<div style='position:fixed;top:0;left:0;right:0;height:200px;background:#ccc'>页眉</div><div style=height:3000px></div><button onclick=done()>下一步</button><div style=height:3000px></div><div style='position:fixed;bottom:0;left:0;right:0;height:250px;background:#ccc'>页脚</div>",
    ),
    ("/two", "<button onclick=done()>下一步</button> <button class=other>下一步</button>"),
    ("/two-one-hidden", "<button style=display:none>下一步</button> <button onclick=done()>下一步</button>"),
    (
        "/trap",
        "<button onclick=done()>下一步</button><script>addEventListener('pointermove',trap);addEventListener('pointerover',trap);function trap(){if(q('.trap'))return;const d=document.createElement('div');d.className='trap';d.textContent='活动推荐';d.style.cssText='position:fixed;inset:0;background:#0008';document.body.append(d)}</script>",
    ),
    (
        "/box",
        "<label><input type=checkbox onchange=\"done('已同意:'+this.checked)\"> 我已阅读</label><br><input type=radio name=r id=a><label for=a>甲</label><input type=radio name=r id=b onchange=\"done('选乙')\"><label for=b>乙</label>",
    ),
    (
        "/hidden-box",
        "<style>input{opacity:0;position:absolute;width:1px;height:1px}</style><label for=c style='display:inline-block;padding:8px'>我已阅读</label><input id=c type=checkbox onchange=\"done('已同意:'+this.checked)\">",
    ),
    (
        "/switch",
        "<div role=switch aria-checked=false aria-label=免打扰 tabindex=0 style='width:50px;height:30px;background:#999' onclick=\"setTimeout(()=>{this.setAttribute('aria-checked',this.getAttribute('aria-checked')!=='true');done('免打扰:'+this.getAttribute('aria-checked'))},150)\"></div>",
    ),
    (
        "/select",
        "<label>收款人 <select onchange=\"done('选了'+this.value)\"><option>请选择</select></label><script>setTimeout(()=>q('select').insertAdjacentHTML('beforeend','<option value=7>张三</option>'),700)</script>",
    ),
    (
        "/fields",
        "<label>姓名 <input id=name></label><label>附言 <textarea id=memo></textarea></label><label>金额 <input id=amount type=number></label><label>日期 <input id=day type=date></label><label>时间 <input id=at type=time></label><label>编码 <input id=code maxlength=6></label><div id=rich contenteditable role=textbox aria-label=正文 style='min-height:40px;border:1px solid'>旧文</div><label>卡号 <input id=card readonly value=6222></label><label>利率 <input id=rate type=range min=0 max=10 value=1></label>",
    ),
    (
        "/reformat",
        "<label>金额 <input oninput=\"this.value=this.value.replace(/[^0-9]/g,'').replace(/\\B(?=(\\d{3})+$)/g,',')\"></label>",
    ),
    (
        "/controlled",
        "<label>姓名 <input></label><script>const i=q('input');let v='';i.addEventListener('input',()=>{v=i.value;i.replaceWith(i);i.value=v;done('值:'+v)})</script>",
    ),
    ("/hydration", "<button>下一步</button><script>let n=0;q('button').onclick=()=>{if(n++)done()}</script>"),
    ("/dead", "<button>下一步</button><b id=tick>0</b><script>setInterval(()=>q('#tick').textContent++,100)</script>"),
    ("/request-only", "<button onclick=\"fetch('/_/api')\">下一步</button>"),
    ("/hash-only", "<button onclick=\"location.hash='b'\">下一步</button>"),
    ("/class-only", "<button onclick=\"this.parentNode.classList.toggle('on')\">下一步</button>"),
    ("/focus-only", "<button onclick=q('input').focus()>下一步</button><label>码 <input></label>"),
    ("/double", "<button ondblclick=done()>下一步</button>"),
    (
        "/long",
        "<button onpointerdown=\"t=setTimeout(done,600)\" onpointerup=clearTimeout(t) oncontextmenu='return false' style='touch-action:none;user-select:none'>下一步</button>",
    ),
    (
        "/drag",
        "<div id=knob role=slider aria-label=滑块 style='width:60px;height:60px;background:#07c;position:relative;touch-action:none'></div><div data-testid=goal style='margin:60px 0 0 200px;width:80px;height:80px;background:#ddd'></div><script>let on=false,sx=0;const k=q('#knob');k.onpointerdown=(e)=>{on=true;sx=e.clientX;k.setPointerCapture(e.pointerId)};k.onpointermove=(e)=>{if(on)k.style.left=(e.clientX-sx)+'px'};k.onpointerup=(e)=>{on=false;done(e.clientX-sx>150?'到了':'太近')}</script>",
    ),
    (
        "/long-page",
        "<div style=height:4000px>顶</div><p>底</p><script>addEventListener('scroll',()=>{if(scrollY>100)done('滚动了')})</script>",
    ),
    (
        "/hover",
        "<style>#tip{display:none}#h:hover+#tip{display:block}</style><div id=h data-testid=h>说明</div><div id=tip>提示文字</div><button style=margin-top:200px onclick=this.textContent='好了'>按</button>",
    ),
    (
        "/scroller",
        "<div style='height:200px;overflow:auto'><div style=height:2000px></div><button onclick=done()>下一步</button></div>",
    ),
    // Nobody listens to the box before the page's own script is there; a customer is slower than that.
    (
        "/deferred",
        "<label><input type=checkbox id=agree>我已阅读</label><button disabled onclick=done()>签署</button><script defer src=/_/late.js></script>",
    ),
    ("/to-deferred", "<a href=/deferred>去签署</a>"),
    ("/framed", "<iframe name=pay src=/inner style='width:300px;height:200px'></iframe>"),
    ("/inner", "<button onclick=\"done('内层完成')\">内层按钮</button>"),
    ("/nested", "<iframe name=outer src=/framed style='width:340px;height:300px'></iframe>"),
    (
        "/frame-low",
        "<div style=height:3000px></div><iframe name=pay src=/inner style='width:300px;height:200px'></iframe>",
    ),
    ("/blank", "<a href=/popup target=_blank>新窗口</a>"),
    ("/opener", "<button onclick=\"w=window.open('/popup')\">新窗口</button>"),
    ("/self-closing", "<button onclick=\"w=window.open('/closing')\">新窗口</button>"),
    ("/popup", "<h1>弹出页</h1><button onclick=\"done('弹出完成')\">确定</button>"),
    ("/closing", "<h1>弹出页</h1><button onclick=\"window.close()\">关闭</button>"),
    (
        "/dialogs",
        "<button onclick=\"alert('注意');done('提醒过')\">提醒</button><button onclick=\"done(confirm('确定吗')?'是':'否')\">询问</button><button onclick=\"done('答:'+prompt('几号'))\">输入</button>",
    ),
    (
        "/files",
        "<a href=/_/file.pdf>月结单</a> <a href=# onclick=\"const a=document.createElement('a');a.href=window.URL.createObjectURL(new Blob(['a,b\\n1,2']));a.download='明细.csv';a.click()\">明细</a><label>材料 <input type=file onchange=\"done('收到'+this.files[0].name+this.files[0].size)\"></label>",
    ),
    ("/first", "<h1>第一页</h1><a href=/second>去第二页</a>"),
    (
        "/second",
        "<h1>第二页</h1><script>performance.getEntriesByType('navigation')[0].type==='reload'&&document.write('<p>重载了</p>')</script>",
    ),
    (
        "/spa",
        "<h1>列表</h1><button onclick=\"history.pushState(0,'','/detail/7');q('h1').textContent='详情'\">看详情</button><script>onpopstate=()=>q('h1').textContent='列表'</script>",
    ),
    ("/navigates", "<a href=/second>去第二页</a>"),
    ("/blur", "<label>金额 <input onblur=done()></label><button>下一步</button>"),
];

const CASES: &[Case] = &[
    ("/plain", TAP, "passed"),
    ("/plain", "- tap: {role: button, name: 下一步}\n  - see: {text: 已完成}", "passed"),
    ("/late", TAP, "passed"),
    ("/enabled-later", TAP, "passed"),
    ("/aria-later", TAP, "passed"),
    ("/aria-disabled", TAP, "disabled: button"),
    ("/fieldset", TAP, "disabled: button"),
    ("/moving", TAP, "passed"),
    ("/moved-by-script", TAP, "passed"),
    ("/overlay-goes", TAP, "passed"),
    ("/mask", TAP, "covered: 加载中"),
    // Whether a press meets a replacement is chance: such a press comes to nothing, and is made once more.
    ("/replaced", TAP, "passed or second tap"),
    // Pressed, and its button replaced before it was let go: no click came of it.
    ("/swallowed", TAP, "second tap"),
    ("/shadow", TAP, "passed"),
    ("/sticky", TAP, "passed"),
    ("/two", TAP, "ambiguous: class=\"other\""),
    ("/two-one-hidden", TAP, "passed"),
    ("/box", "- check: {role: checkbox, name: 我已阅读}\n    see: {text: \"已同意:true\"}", "passed"),
    ("/box", "- check: {label: 乙}\n    see: {text: 选乙}", "passed"),
    ("/hidden-box", "- check: {label: 我已阅读}\n    see: {text: \"已同意:true\"}", "passed"),
    ("/switch", "- check: {role: switch, name: 免打扰}\n    see: {text: \"免打扰:true\"}", "passed"),
    ("/select", "- choose: {label: 收款人, option: 张三}\n    see: {text: 选了7}", "passed"),
    (
        "/select",
        "- choose: {label: 收款人, option: 李四}\n    see: {text: 选了7}\n    within: 1500ms",
        "missing: option",
    ),
    (
        "/fields",
        "- fill: {label: 姓名, text: 张三丰}\n  - script: q('#name').value === '张三丰'\n  - see: {label: 姓名}",
        "passed",
    ),
    (
        "/fields",
        "- type: {label: 姓名, text: 张三a1}\n  - script: q('#name').value === '张三a1'\n  - see: {label: 姓名}",
        "passed",
    ),
    (
        "/fields",
        "- fill: {label: 附言, text: \"一行\\n二行\"}\n  - script: q('#memo').value === '一行\\n二行'\n  - see: {label: 附言}",
        "passed",
    ),
    (
        "/fields",
        "- fill: {label: 金额, text: \"100.50\"}\n  - script: q('#amount').value === '100.50'\n  - see: {label: 金额}",
        "passed",
    ),
    (
        "/fields",
        "- fill: {label: 日期, text: \"2026-11-21\"}\n  - script: q('#day').value === '2026-11-21'\n  - see: {label: 日期}",
        "passed",
    ),
    (
        "/fields",
        "- fill: {label: 时间, text: \"08:30\"}\n  - script: q('#at').value === '08:30'\n  - see: {label: 时间}",
        "passed",
    ),
    (
        "/fields",
        "- fill: {label: 利率, text: \"7\"}\n  - script: q('#rate').value === '7'\n  - see: {label: 利率}",
        "passed",
    ),
    ("/fields", "- fill: {label: 日期, text: 昨天}\n    see: {label: 日期}", "journey: does not take"),
    (
        "/fields",
        "- fill: {label: 编码, text: \"12345678\"}\n  - script: q('#code').value === '123456'\n  - see: {label: 编码}",
        "passed",
    ),
    (
        "/fields",
        "- fill: {role: textbox, name: 正文, text: 新文}\n  - script: q('#rich').textContent === '新文'\n  - see: {text: 新文}",
        "passed",
    ),
    ("/fields", "- fill: {label: 卡号, text: \"1\"}\n    see: {label: 卡号}\n    within: 1s", "disabled: read-only"),
    (
        "/fields",
        "- fill: {label: 姓名, text: 甲}\n  - press: {label: 姓名, keys: Control+A}\n  - press: Delete\n  - script: q('#name').value === ''\n  - see: {label: 姓名}",
        "passed",
    ),
    (
        "/reformat",
        "- fill: {label: 金额, text: \"1234567\"}\n  - script: q('input').value === '1,234,567'\n  - see: {label: 金额}",
        "passed",
    ),
    (
        "/reformat",
        "- type: {label: 金额, text: \"1234567\"}\n  - script: q('input').value === '1,234,567'\n  - see: {label: 金额}",
        "passed",
    ),
    ("/controlled", "- fill: {label: 姓名, text: 李四}\n    see: {text: \"值:李四\"}", "passed"),
    (
        "/blur",
        "- fill: {label: 金额, text: \"5\"}\n  - tap: {role: button, name: 下一步}\n    see: {text: 已完成}",
        "passed",
    ),
    ("/hydration", TAP, "second tap"),
    ("/hydration", "- tap: {role: button, name: 下一步}\n  - see: {text: 已完成}", "second tap"),
    (
        "/dead",
        "- wait: 500ms\n  - tap: {role: button, name: 下一步}\n  - see: {text: 已完成}",
        "no-effect: tapped 2 times",
    ),
    ("/request-only", "- tap: {role: button, name: 下一步}\n  - see: {role: button, name: 下一步}", "passed"),
    (
        "/request-only",
        "- tap: {role: button, name: 下一步}\n    response: {path: /_/api, status: 2xx, json: {\"$.code\": \"0000\"}}",
        "passed",
    ),
    ("/hash-only", "- tap: {role: button, name: 下一步}\n  - see: {role: button, name: 下一步}", "passed"),
    ("/class-only", "- tap: {role: button, name: 下一步}\n  - see: {role: button, name: 下一步}", "passed"),
    ("/focus-only", "- tap: {role: button, name: 下一步}\n  - see: {role: button, name: 下一步}", "passed"),
    ("/double", "- tap: {role: button, name: 下一步, kind: double}\n    see: {text: 已完成}", "passed"),
    ("/long", "- tap: {role: button, name: 下一步, kind: long}\n    see: {text: 已完成}", "passed"),
    ("/drag", "- drag: {from: {role: slider, name: 滑块}, by: [200, 0]}\n    see: {text: 到了}", "passed"),
    ("/drag", "- drag: {from: {role: slider, name: 滑块}, to: {testid: goal}}\n    see: {text: 到了}", "passed"),
    ("/long-page", "- swipe: up\n    see: {text: 滚动了}", "passed"),
    ("/long-page", "- scroll: {text: 底, exact: true}\n    see: {text: 滚动了}", "passed"),
    ("/long-page", "- scroll: {by: [0, 600]}\n    see: {text: 滚动了}", "passed"),
    ("/scroller", TAP, "passed"),
    (
        "/to-deferred",
        "- tap: {role: link, name: 去签署}\n  - check: {label: 我已阅读}\n  - tap: {role: button, name: 签署}\n    see: {text: 已完成}",
        "passed",
    ),
    (
        "/framed",
        "- tap: {role: button, name: 内层按钮, frame: {name: pay}}\n    see: {text: 内层完成, frame: {name: pay}}",
        "passed",
    ),
    (
        "/framed",
        "- tap: {role: button, name: 内层按钮, frame: {url: /inner}}\n    see: {text: 内层完成, frame: {url: /inner}}",
        "passed",
    ),
    (
        "/nested",
        "- tap: {role: button, name: 内层按钮, frame: {url: /inner}}\n    see: {text: 内层完成, frame: {url: /inner}}",
        "passed",
    ),
    (
        "/nested",
        "- tap: {role: button, name: 内层按钮, frame: {name: pay}}\n    see: {text: 内层完成, frame: {name: pay}}",
        "passed",
    ),
    (
        "/frame-low",
        "- tap: {role: button, name: 内层按钮, frame: {name: pay}}\n    see: {text: 内层完成, frame: {name: pay}}",
        "passed",
    ),
    (
        "/blank",
        "- tap: {role: link, name: 新窗口}\n  - switch: popup\n  - see: {role: heading, name: 弹出页}\n  - tap: {role: button, name: 确定}\n    see: {text: 弹出完成}\n  - switch: main\n  - see: {role: link, name: 新窗口}",
        "passed",
    ),
    (
        "/opener",
        "- tap: {role: button, name: 新窗口}\n  - switch: popup\n  - tap: {role: button, name: 确定}\n    see: {text: 弹出完成}",
        "passed",
    ),
    (
        "/self-closing",
        "- tap: {role: button, name: 新窗口}\n  - switch: popup\n  - tap: {role: button, name: 关闭}\n  - switch: main\n  - see: {role: button, name: 新窗口}",
        "passed",
    ),
    ("/dialogs", "- tap: {role: button, name: 提醒}\n    see: {text: 提醒过}", "passed"),
    ("/dialogs", "- tap: {role: button, name: 询问}\n    see: {text: 否, exact: true}", "passed"),
    ("/dialogs", "- dialog: accept\n  - tap: {role: button, name: 询问}\n    see: {text: 是, exact: true}", "passed"),
    (
        "/dialogs",
        "- dialog: {answer: accept, text: 八号}\n  - tap: {role: button, name: 输入}\n    see: {text: \"答:八号\"}",
        "passed",
    ),
    (
        "/files",
        "- download: {role: link, name: 月结单, file: \"*.pdf\", kind: pdf, bytes_min: 100}\n  - see: {role: link, name: 月结单}",
        "passed",
    ),
    (
        "/files",
        "- download: {role: link, name: 明细, file: \"*.csv\", kind: csv}\n  - see: {role: link, name: 明细}",
        "passed",
    ),
    (
        "/files",
        "- download: {role: link, name: 月结单, kind: zip}\n  - see: {role: link, name: 月结单}",
        "download-wrong: is no zip",
    ),
    ("/files", "- upload: {label: 材料, files: [card.txt]}\n    see: {text: 收到card.txt4}", "passed"),
    (
        "/first",
        "- tap: {role: link, name: 去第二页}\n    see: {role: heading, name: 第二页}\n    expect-url: /second\n  - back:\n  - see: {role: heading, name: 第一页}",
        "passed",
    ),
    ("/second", "- reload:\n  - see: {text: 重载了}", "passed"),
    (
        "/spa",
        "- tap: {role: button, name: 看详情}\n    see: {role: heading, name: 详情}\n    expect-url: /detail/*\n  - back:\n  - see: {role: heading, name: 列表}",
        "passed",
    ),
    ("/navigates", "- tap: {role: link, name: 去第二页}\n    see: {role: heading, name: 第二页}", "passed"),
    ("/navigates", "- tap: {role: link, name: 去第二页}\n  - see: {role: heading, name: 第二页}", "passed"),
];

/// Pages where a tap is neither waited for nor missed: its round trips are counted.
const PROMPT: &[&str] = &[
    "/plain",
    "/two-one-hidden",
    "/shadow",
    "/box",
    "/navigates",
    "/spa",
    "/first",
    "/framed",
    "/request-only",
    "/hash-only",
    "/class-only",
    "/focus-only",
    "/blank",
    "/popup",
    "/blur",
];

/// Only a mouse hovers before it presses.
const MOUSE_CASES: &[Case] = &[
    ("/trap", TAP, "covered: 活动推荐"),
    ("/hover", "- hover: {testid: h}\n    see: {text: 提示文字}", "passed"),
    // A tap takes the pointer away; to hover at the same place again brings it back.
    (
        "/hover",
        "- hover: {testid: h}\n    see: {text: 提示文字}\n  - tap: {role: button, name: 按}\n    see: {text: 好了}\n    not_see: {text: 提示文字}\n  - hover: {testid: h}\n    see: {text: 提示文字}",
        "passed",
    ),
];

/// The walk's outcome in the words of the table.
pub fn outcome(record: &WalkRecord) -> String {
    let mut words = "passed".to_owned();
    for step in &record.steps {
        match &step.outcome {
            Outcome::Failed(f) => {
                return format!("{}: {} {}", f.kind.word(), f.said, f.detail.as_deref().unwrap_or_default());
            }
            Outcome::Inconclusive(t) => return format!("{}: {}", t.kind.word(), t.said),
            Outcome::Degraded(d) if d.contains(&Degradation::SecondTap) => words = "second tap".to_owned(),
            Outcome::Degraded(d) if matches!(d[..], [Degradation::LateFigures { .. }]) => {
                "late figures".clone_into(&mut words)
            }
            Outcome::Degraded(d) => words = format!("{d:?}"),
            _ => {}
        }
    }
    words
}

/// What is wrong with a case, if anything.
async fn misfit(rig: &Rig, device: &str, (page, steps, expected): Case) -> Option<String> {
    // Only the step that fails is hurried.
    let fails = expected.contains(": ") && !steps.contains("within:") && !steps.contains("\n  - ");
    let hurry = if fails { IN_VAIN } else { "" };
    let journey =
        format!("journey: lane\ntitle: 动作\napp: zoo\ndevice: {device}\nsteps:\n  - open: {page}\n  {steps}{hurry}\n");
    let record = rig.walk(&journey).await;
    let found = outcome(&record);
    let fits = match expected.split_once(": ") {
        Some((word, part)) => found.starts_with(&format!("{word}: ")) && found.contains(part),
        None => expected.split(" or ").any(|word| word == found),
    };
    let taps = record.steps.iter().filter_map(|s| s.seen.tap.as_ref());
    let costly = taps
        .filter(|t| t.taps == 1 && PROMPT.contains(&page))
        .map(|t| t.round_trips)
        .max()
        .filter(|trips| *trips > ROUND_TRIPS_MAX);
    match (fits, costly) {
        (true, None) => None,
        (true, Some(trips)) => Some(format!("{device} {page}: {trips} round trips a tap\n{steps}")),
        (false, _) => Some(format!("{device} {page}: expected {expected}, found {found}\n{steps}\n{}", told(&record))),
    }
}

pub async fn all_fit(pages: Pages, device: &'static str, cases: impl Iterator<Item = &Case>) {
    let zoo = Zoo::open(pages).await;
    let mut rig = Rig::at(&zoo.base).await;
    // The same server under another name: another site, in another process of the browser's.
    rig.hosts.push(zoo.base.replace("http://127.0.0.1", "localhost"));
    rig.step_within = STEP_WITHIN;
    std::fs::write(rig.dir.path().join("card.txt"), "card").unwrap();
    let rig = &rig;
    let told = futures_util::stream::iter(cases)
        .map(|case| async move { misfit(rig, device, *case).await })
        .buffer_unordered(AT_ONCE)
        .filter_map(|misfit| async move { misfit })
        .collect::<Vec<_>>()
        .await;
    rig.browsers.shutdown().await;
    assert!(told.is_empty(), "{} cases do not fit:\n\n{}", told.len(), told.join("\n\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_with_a_mouse_gets_what_the_page_gives() {
    all_fit(PAGES, "desktop", CASES.iter().chain(MOUSE_CASES)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_with_a_finger_gets_what_the_page_gives() {
    all_fit(PAGES, "h5-iphone", CASES.iter()).await;
}

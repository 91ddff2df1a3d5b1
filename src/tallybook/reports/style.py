"""The one style sheet of the pages, carried inside each page so that a page stands alone.

System fonts, ink on paper and paper on ink, one accent that no party of the United States uses. Status is
told by words and shape, never by colour alone. Narrow screens stack the tables of text; tables of numbers
scroll sideways inside their own box. Contrast of text on ground is at least 7 to 1 in both schemes.
"""

STYLE = """
:root{color-scheme:light dark;--paper:#fcfbf8;--raised:#f3f0e9;--ink:#1e1b18;--soft:#544e46;--rule:#cfc8ba;
--accent:#5c3570;--mark:#5c3570;--strong:#1e1b18;--onstrong:#fcfbf8}
@media (prefers-color-scheme:dark){:root{--paper:#17161a;--raised:#222026;--ink:#efebe4;--soft:#bdb6ab;
--rule:#4a4650;--accent:#dcc0ee;--mark:#c9a6e0;--strong:#efebe4;--onstrong:#17161a}}
*{box-sizing:border-box}
html{font:100%/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0;background:var(--paper);color:var(--ink);overflow-wrap:anywhere}
.wrap{max-width:68rem;margin:0 auto;padding:0 1rem}
a{color:var(--accent);text-decoration-thickness:.07em;text-underline-offset:.18em}
a:hover{text-decoration-thickness:.14em}
:focus-visible{outline:.2rem solid var(--accent);outline-offset:.15rem;border-radius:.1rem}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.5rem;z-index:2}
h1,h2,h3{line-height:1.2;margin:0;text-wrap:balance}
h1{font-size:clamp(1.7rem,1.2rem + 2.4vw,2.6rem);letter-spacing:-.015em;margin:1.6rem 0 .6rem}
h2{font-size:1.4rem;margin:3rem 0 .7rem;padding-top:1rem;border-top:.18rem solid var(--ink)}
h3{font-size:1.08rem;margin:1.4rem 0 .3rem}
p,ul,ol,dl{margin:.5rem 0 1rem}
p,li,dd{max-width:44rem}
.lead{font-size:1.15rem}
.soft,caption,.law{color:var(--soft)}
.small,.law{font-size:.875rem}
code,pre,.hash{
font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:.875rem}
pre{background:var(--raised);border:1px solid var(--rule);border-radius:.3rem;padding:.7rem .9rem;
white-space:pre-wrap;overflow-wrap:anywhere;margin:.5rem 0 1rem}
.hash{overflow-wrap:anywhere}
.hold{display:inline-block}
pre+pre{margin-top:-.5rem}
.bar{border-bottom:1px solid var(--rule);background:var(--raised)}
.bar p{margin:0;padding:.7rem 0 0;font-weight:600}
.bar ul{list-style:none;display:flex;flex-wrap:wrap;gap:0 1.3rem;margin:0;padding:.15rem 0 .5rem}
.bar li a{display:inline-block;padding:.35rem 0}
.bar a[aria-current]{color:var(--ink);font-weight:600;text-decoration-thickness:.16em}
.notice{border:1px solid var(--rule);border-left:.35rem solid var(--ink);padding:.6rem .9rem;margin:1.2rem 0;
max-width:46rem}
.notice p{margin:0}
.tiles{list-style:none;display:grid;grid-template-columns:repeat(auto-fit,minmax(min(8.5rem,100%),1fr));
gap:.8rem;padding:0;margin:1rem 0}
.tiles li{border:1px solid var(--rule);border-radius:.3rem;padding:.8rem 1rem;background:var(--raised)}
.tiles strong{display:block;font-size:1.55rem;line-height:1.2;font-variant-numeric:tabular-nums}
table{border-collapse:collapse;width:100%;overflow-wrap:break-word;font-variant-numeric:tabular-nums;font-size:.95rem}
caption{text-align:left;padding:0 0 .5rem;font-size:.9rem;max-width:44rem}
th,td{text-align:left;vertical-align:top;padding:.45rem .9rem .45rem 0;border-bottom:1px solid var(--rule)}
thead th{border-bottom:.12rem solid var(--ink);font-size:.85rem;line-height:1.3;vertical-align:bottom}
th[scope=row]{font-weight:600}
.num{text-align:right;white-space:nowrap;padding:.45rem .4rem .45rem .9rem}
.scroll{overflow-x:auto;margin:1rem 0 1.5rem}
.scroll table{width:auto;min-width:min(100%,40rem)}
.scroll th[scope=row]{position:sticky;left:0;background:var(--paper);min-width:7rem}
.chip{display:inline-block;border:.1rem solid var(--ink);border-radius:.2rem;padding:0 .45rem;
font-size:.82rem;font-weight:600;white-space:nowrap;line-height:1.5}
.chip.no{background:var(--strong);color:var(--onstrong);border-color:var(--strong)}
.chip.none{border-style:dashed}
.chip.if{border-style:double;border-width:.2rem;line-height:1.3}
figure{margin:1.2rem 0}
figcaption{font-size:.9rem;color:var(--soft);max-width:44rem;margin-top:.4rem}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(27rem,100%),1fr));gap:1.5rem 3rem}
.maps{grid-template-columns:repeat(auto-fit,minmax(min(18rem,100%),1fr))}
svg{display:block;width:100%;height:auto}
svg text{fill:var(--ink);font-family:inherit}
svg .faint{fill:var(--soft)}
.bars{max-width:30rem}
.map{max-width:27rem}
small{display:block;font-weight:400;font-size:.82rem;color:var(--soft)}
.votes{list-style:none;padding:0;margin:0;white-space:nowrap}
.lines{list-style:none;padding:0}
.lines li{padding:.45rem 0;border-bottom:1px solid var(--rule);max-width:52rem}
.rod{fill:var(--mark)}
.limit{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:4 3}
svg .over{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}
.track{stroke:var(--rule);stroke-width:1}
.way{stroke:var(--mark);stroke-width:1.5}
.met{fill:var(--mark);stroke:var(--mark);stroke-width:2}
.unmet{fill:var(--paper);stroke:var(--mark);stroke-width:2}
.same{fill:none;stroke:var(--soft);stroke-width:1}
.dot{fill:var(--mark);fill-opacity:.45;stroke:var(--mark);stroke-width:1}
svg .rank{font-weight:700;font-size:11px;text-anchor:middle;paint-order:stroke;stroke:var(--paper);
stroke-width:3px;stroke-linejoin:round}
.filter{border:1px solid var(--rule);border-radius:.3rem;margin:1.2rem 0;padding:.4rem .9rem .6rem}
.filter legend{font-weight:600;padding:0 .3rem}
.filter label{display:inline-block;padding:.3rem 1.2rem .3rem 0;white-space:nowrap}
.filter input{accent-color:var(--accent);width:1.05rem;height:1.05rem;vertical-align:-.15rem}
.acts{list-style:none;padding:0;margin:0}
.acts>li{max-width:none;display:grid;grid-template-columns:10.5rem 1fr;gap:0 1.5rem;padding:1rem 0;
border-bottom:1px solid var(--rule)}
.acts h3,.acts h4{margin:0 0 .3rem;font-size:1.08rem;line-height:1.2}
.acts p{margin:.3rem 0}
.acts .when{font-variant-numeric:tabular-nums;color:var(--soft);font-size:.9rem}
.acts .when time{display:block;color:var(--ink);font-weight:600}
.next{border-left:.2rem solid var(--rule);padding-left:.8rem}
main:has(#show-accepted:checked) .acts>li:not(.is-accepted),
main:has(#show-refused:checked) .acts>li:not(.is-refused),
main:has(#show-no-effect:checked) .acts>li:not(.is-no-effect){display:none}
.letters,.toc{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.1rem .9rem;max-width:none}
.letters a{display:inline-block;padding:.3rem .2rem;min-width:1.5rem}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(21rem,100%),1fr));gap:1rem}
.card{border:1px solid var(--rule);border-radius:.3rem;padding:.8rem 1rem;break-inside:avoid;overflow-x:auto}
.card:target,.acts>li:target{background:var(--raised);outline:.15rem solid var(--accent)}
.card h3{margin:0 0 .3rem}
.card table{font-size:.875rem}
.card th,.card td{padding:.25rem .5rem .25rem 0}
.card .num{padding:.25rem 0 .25rem .5rem}
.card p{font-size:.875rem;margin:.5rem 0 0}
.card th.num{white-space:normal;max-width:5.5rem}
.card tbody tr:last-child>*{border-bottom:0;color:var(--soft);font-weight:400}
.card caption{padding-bottom:.2rem;font-size:.8rem}
dt{font-weight:600;margin-top:1rem}
dd{margin:.15rem 0 0}
dd .not{display:block;margin-top:.25rem;color:var(--soft)}
.steps>li{margin:.8rem 0;max-width:none}
summary{cursor:pointer;padding:.4rem 0;font-weight:600;color:var(--accent)}
footer{margin-top:4rem;
border-top:1px solid var(--rule);padding:1rem 0 2rem;color:var(--soft);font-size:.875rem}
@media (max-width:46rem){
.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stack,.stack tbody,.stack tr,.stack td,.stack th,.stack caption{display:block}
.stack tr{padding:.7rem 0;border-bottom:1px solid var(--rule)}
.stack td,.stack th[scope=row]{border:0;padding:.1rem 0;text-align:left;white-space:normal}
.stack th[scope=row]{font-size:1.02rem}
.stack td[data-label]::before{content:attr(data-label) ": ";color:var(--soft)}
.stack td:empty{display:none}
.scroll table{font-size:.8rem;min-width:0}
.scroll .num{padding-left:.45rem;padding-right:.1rem}
.scroll th{font-size:.78rem;padding-right:.3rem}
.scroll th[scope=row]{min-width:5.2rem}
.tight .scroll table{font-size:.75rem}
.tight .scroll thead th{font-size:.72rem}
.tight .scroll th[scope=row]{min-width:0;padding-right:.1rem}
.tight small{white-space:nowrap;font-size:.7rem}
.votes{white-space:normal}
.acts>li{grid-template-columns:1fr;gap:.3rem}
.acts .when time{display:inline;margin-right:.5rem}
}
@media print{
:root{--paper:#fff;--raised:#fff;--ink:#000;--soft:#333;--rule:#999;--accent:#000;--mark:#555;--strong:#000;
--onstrong:#fff}
@page{margin:14mm}
html{font-size:9pt}
p,li,dd,caption,figcaption{max-width:none}
h1{font-size:20pt}
.bar p{padding:0}
.bar{background:none}
.map{max-width:15rem}
.bars{max-width:20rem}
.pair{gap:1rem 2rem;grid-template-columns:3fr 2fr}
.maps{grid-template-columns:1fr 1fr}
.cards{grid-template-columns:repeat(3,1fr);gap:.5rem}
.card{padding:.4rem .6rem;font-size:8pt}
.card table,.card p{font-size:7.5pt}
.skip,.bar ul,.filter,.letters{display:none}
.wrap{max-width:none;padding:0}
.scroll{overflow:visible}
h2,h3,caption{break-after:avoid}
tr,li,figure,.card{break-inside:avoid}
thead{display:table-header-group}
h2{margin-top:1.2rem;padding-top:.5rem}
}
"""

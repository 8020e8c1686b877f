/// The style sheet of the HTML report: system fonts, two palettes with a contrast of at least 4.5 for text, no network.
enum HTMLStyle {
    static let sheet = """
        :root{color-scheme:light dark;--page:#f6f7f8;--card:#fff;--ink:#1c2126;--soft:#59626c;--rule:#dde1e5;\
        --grid:#e8ebee;
        --good:#0b6b3a;--good-soft:#e6f4ec;--bad:#b3261e;--bad-soft:#fcebea;--neutral:#7a4d00;--neutral-soft:#fdf3e0;
        --c0:#1f5fbf;--c1:#b34700;--c2:#00703c;--c3:#7a3e9d;--c4:#00697a;--c5:#7a5200;--warm:#eef1f4}
        @media (prefers-color-scheme:dark){:root{--page:#14171a;--card:#1c2125;--ink:#e6e9ec;--soft:#a3adb7;\
        --rule:#343b42;
        --grid:#2a3036;--good:#74d39b;--good-soft:#17301f;--bad:#ff9a90;--bad-soft:#3a1c1a;--neutral:#f0c066;
        --neutral-soft:#352a12;--c0:#82b4ff;--c1:#ffab70;--c2:#6fd49b;--c3:#d2a6f2;--c4:#62d1e0;--c5:#e2ba72;\
        --warm:#23292e}}
        @media print{:root{--page:#fff}body{font-size:10pt}.card{break-inside:avoid;border-color:#bbb}\
        details{display:none}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
        "Noto Sans","Liberation Sans",sans-serif}
        main{max-width:1120px;margin:0 auto;padding:28px 20px 60px}
        h1{font-size:1.55rem;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
        h2{font-size:1.12rem;margin:0 0 12px}
        h3{font-size:1rem;margin:22px 0 6px}
        p{margin:6px 0;max-width:84ch;overflow-wrap:anywhere}
        .lead{color:var(--soft);margin:0 0 20px}
        .card{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:20px 22px;margin:0 0 18px}
        .verdict{border-left:6px solid var(--neutral)}
        .verdict.good{border-left-color:var(--good)}.verdict.bad{border-left-color:var(--bad)}
        .word{font-size:1.9rem;font-weight:700;line-height:1.1;margin:0 0 6px;letter-spacing:.01em}
        .good .word,.t-good{color:var(--good)}.bad .word,.t-bad{color:var(--bad)}\
        .neutral .word,.t-neutral{color:var(--neutral)}
        .sentence{font-size:1.08rem}
        .soft,figcaption,.note{color:var(--soft);font-size:.9rem}
        figcaption{max-width:92ch}
        .scroll{overflow-x:auto;border:1px solid var(--rule);border-radius:8px;margin:8px 0}
        .scroll:focus-visible,summary:focus-visible{outline:2px solid var(--c0);outline-offset:2px}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
        th,td{text-align:right;padding:7px 9px;border-bottom:1px solid var(--rule);white-space:nowrap;\
        vertical-align:top}
        thead th{color:var(--soft);font-weight:600;font-size:.82rem;vertical-align:bottom;white-space:normal}
        th:first-child,td:first-child,.left{text-align:left}
        tbody th{font-weight:600}
        tbody tr:last-child th,tbody tr:last-child td{border-bottom:0}
        td.wide,th.wide{white-space:normal;min-width:220px;text-align:left}
        .mark{display:inline-block;padding:1px 9px;border-radius:20px;font-size:.85rem;font-weight:600}
        .m-good{background:var(--good-soft);color:var(--good)}.m-bad{background:var(--bad-soft);color:var(--bad)}
        .m-neutral{background:var(--neutral-soft);color:var(--neutral)}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 18px;margin:0}
        dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
        figure{margin:0 0 22px}figure:last-child{margin-bottom:0}
        svg{display:block;width:100%;height:auto}.narrow{display:none}
        .legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;margin:4px 0 8px;padding:0;font-size:.9rem;\
        font-weight:600}
        .legend li{display:flex;align-items:center;gap:8px;overflow-wrap:anywhere;min-width:0}
        .legend .key{width:30px;height:8px;flex:none}
        .cell-note{display:block;color:var(--soft);font-size:.8rem;font-weight:400}
        pre,code{font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace}
        pre{background:var(--page);border:1px solid var(--rule);border-radius:6px;padding:10px 12px;\
        margin:8px 0;white-space:pre-wrap;overflow-wrap:anywhere}
        summary{cursor:pointer;color:var(--soft)}
        .failure{border-top:1px solid var(--rule);padding-top:14px;margin-top:14px}
        .failure h3{margin-top:0}.failure:first-of-type{border-top:0;padding-top:0;margin-top:0}
        .cause{border-left:3px solid var(--c0);padding-left:12px;margin:10px 0 0}
        svg text{fill:var(--soft);font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
        svg .axis-title{fill:var(--soft)}svg .name{font-size:13px;font-weight:600}
        .grid{stroke:var(--grid)}.axis{stroke:var(--soft);stroke-opacity:.6}.warmup{fill:var(--warm)}
        .line{fill:none;stroke-width:2;stroke-linejoin:round}.thin{stroke-width:1}
        .steps{stroke-width:1.4}.slowest{stroke-width:1;stroke-opacity:.75}.line.solid{stroke-dasharray:none}
        .p99{stroke-width:1.2}
        .cap{stroke:var(--bad);stroke-dasharray:6 4}svg .cap-name{fill:var(--bad)}
        .death,.fatal{stroke:var(--bad);stroke-width:1.6;fill:none}.failed{fill:var(--bad)}
        .collection{stroke:var(--soft);stroke-width:1.4}
        .dot{stroke:var(--card);stroke-width:1}.dot.s0{fill:var(--c0)}.dot.s1{fill:var(--c1)}.dot.s2{fill:var(--c2)}
        .dot.s3{fill:var(--c3)}.dot.s4{fill:var(--c4)}.dot.s5{fill:var(--c5)}
        .infinity{stroke:var(--bad);stroke-dasharray:1 3}
        .line.s0{stroke:var(--c0)}.line.s1{stroke:var(--c1);stroke-dasharray:8 3}.line.s2{stroke:var(--c2);\
        stroke-dasharray:3 3}
        .line.s3{stroke:var(--c3);stroke-dasharray:10 3 2 3}.line.s4{stroke:var(--c4);stroke-dasharray:14 4}
        .line.s5{stroke:var(--c5);stroke-dasharray:2 5}
        .line.steps,.line.slowest{stroke-dasharray:none}.line.p99{stroke-dasharray:2 2}
        svg .name.s0{fill:var(--c0)}svg .name.s1{fill:var(--c1)}svg .name.s2{fill:var(--c2)}svg .name.s3{fill:var(--c3)}
        svg .name.s4{fill:var(--c4)}svg .name.s5{fill:var(--c5)}
        @media screen and (max-width:640px){main{padding:18px 12px 40px}.card{padding:16px 14px}
        dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}.wide{display:none}.narrow{display:block}
        .scroll{overflow:visible;border:0;border-radius:0}
        table,tbody,tr,th,td{display:block;width:100%}
        thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        tbody tr{border:1px solid var(--rule);border-radius:8px;padding:4px 12px;margin:0 0 10px}
        th,td,td.wide,th.wide{white-space:normal;min-width:0;padding:5px 0;overflow-wrap:anywhere}
        tbody th{font-size:1.02rem;border-bottom:1px solid var(--rule)}
        tbody td,tbody td.left,tbody td.wide{display:flex;justify-content:space-between;align-items:baseline;\
        gap:2px 16px;flex-wrap:wrap;text-align:right;border-bottom:1px solid var(--grid)}
        tbody td:last-child,tbody tr:last-child td:not(:last-child){border-bottom:1px solid var(--grid)}
        tbody tr td:last-child{border-bottom:0}tbody td:empty{display:none}
        td::before{content:attr(data-label);color:var(--soft);font-size:.86rem;text-align:left}
        td .cell-note{flex-basis:100%}tbody td.wide{text-align:left}td.wide::before{flex-basis:100%}}
        """
}

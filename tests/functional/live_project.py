"""A composition in which everything moves that is not plain GSAP, a tile for each thing."""

import json
import shutil
from pathlib import Path

from tests.functional.projects import write_project

NODE_MODULES = Path(__file__).parents[2] / "node_modules"
LIBRARIES = {
    "anime.js": "animejs/dist/bundles/anime.umd.min.js",
    "d3.js": "d3/dist/d3.min.js",
    "lottie.js": "lottie-web/build/player/lottie.min.js",
}

LOTTIE = {
    "v": "5.5.7",
    "fr": 30,
    "ip": 0,
    "op": 60,
    "w": 320,
    "h": 20,
    "assets": [],
    "layers": [
        {
            "ty": 1,
            "ind": 1,
            "sw": 20,
            "sh": 20,
            "sc": "#ff00ff",
            "ip": 0,
            "op": 60,
            "st": 0,
            "ks": {
                "p": {
                    "a": 1,
                    "k": [
                        {
                            "t": 0,
                            "s": [10, 10, 0],
                            "e": [290, 10, 0],
                            "i": {"x": [1], "y": [1]},
                            "o": {"x": [0], "y": [0]},
                        },
                        {"t": 60, "s": [290, 10, 0]},
                    ],
                },
                "a": {"a": 0, "k": [10, 10, 0]},
            },
        }
    ],
}

_HEAD = """
<script src="anime.js"></script><script src="d3.js"></script><script src="lottie.js"></script>
<style>
  #root > * { position: absolute; left: 0; }
  .box { width: 10px; height: 10px; background: #fff; }
  @keyframes go { to { transform: translateX(300px); } }
  #css { animation: go 1.5s 0.2s both; }
  #steps { top: 12px; animation: go 1s steps(4) infinite; }
  #late { top: 24px; } #late.on { animation: go 1s linear both; }
  #moved { top: 36px; transition: transform 1s linear; } #moved.on { transform: translateX(300px); }
  #before { top: 48px; }
  #before::before { content: ""; position: absolute; width: 10px; height: 10px; background: #0ff; }
  #called { top: 60px; background: #f80; } #timed { top: 60px; left: 310px; background: #08f; }
  #scroller { top: 72px; width: 20px; height: 20px; overflow: hidden; scroll-timeline: --scroll block; }
  #scroller div { height: 220px; }
  #scrolled { top: 72px; left: 24px; animation: go linear both; animation-timeline: --scroll; }
  #root { timeline-scope: --scroll; }
  .small { width: 6px; height: 4px; background: #fa8; }
  #slides { top: 170px; transition: transform 0.4s linear; } #put-off { top: 174px; transition: transform 1s linear; }
  #twice { transition: transform 2s linear; } #twice.on, #put-off.on { transform: translateX(300px); }
</style>
"""

_BODY = """
<i id="css" class="box"></i><i id="steps" class="box"></i><i id="late" class="box"></i><i id="moved" class="box"></i>
<i id="before"></i><i id="called" class="box"></i><i id="timed" class="box"></i>
<div id="scroller"><div></div></div><i id="scrolled" class="box"></i>
<x-tile style="top:94px"></x-tile>
<svg style="top:106px" width="320" height="12"><rect width="10" height="10" fill="#0f0">
  <animate attributeName="x" from="0" to="300" dur="2s" repeatCount="indefinite"/></rect></svg>
<canvas id="canvas" style="top:118px" width="320" height="10"></canvas>
<svg id="d3" style="top:130px" width="320" height="10"></svg>
<div id="lottie" style="top:142px;width:320px;height:20px"></div>
<b id="anime" class="box" style="top:164px"></b><b id="ticks" class="box" style="top:164px;background:#f00"></b>
<i id="typed" class="small" style="top:176px"></i><i id="slides" class="small"></i><i id="put-off" class="small"></i>
<i id="twice" class="small" style="top:80px"></i>
<i id="since" class="small" style="top:172px;left:20px"></i><i id="loose" class="small" style="top:168px"></i>
<iframe src="inner.html" style="left:200px;top:94px;width:120px;height:12px;border:0"></iframe>
"""

_SCRIPT = """
  const keys = [{ transform: "translateX(0)" }, { transform: "translateX(300px)" }];
  const find = (id) => document.getElementById(id);
  const tl = gsap.timeline({ paused: true });
  tl.call(() => find("late").classList.add("on"), [], 0.31);
  tl.call(() => find("moved").classList.add("on"), [], 0.5);
  tl.call(() => find("called").animate(keys, { duration: 1000, fill: "both" }), [], 0.7);
  tl.to("#scroller", { scrollTop: 200, duration: 2, ease: "none" }, 0);
  window.__timelines["main"] = tl;
  find("before").animate(keys, { duration: 1300, delay: 100, iterations: 2, pseudoElement: "::before" });
  const back = [{ transform: "none" }, { transform: "translateX(-200px)" }];
  setTimeout(() => find("timed").animate(back, { duration: 900, fill: "both" }), 640);
  window.seen = { ticks: 0 };
  setInterval(() => { find("ticks").style.left = `${100 + 5 * ++seen.ticks}px`; }, 50);
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  (async () => { for (let width = 6; ; width += 4) { await sleep(100); find("typed").style.width = `${width}px`; } })();
  let slide = 0;
  setInterval(() => { find("slides").style.transform = `translateX(${100 * ++slide}px)`; }, 500);
  tl.call(() => setTimeout(() => find("put-off").classList.add("on")), [], 0.8);
  let began;
  const sinceBegin = (now) => {
    if (!began) began = now;
    find("since").style.transform = `translateX(${(now - began) / 10}px)`;
    requestAnimationFrame(sinceBegin);
  };
  requestAnimationFrame(sinceBegin);
  requestAnimationFrame(() => requestAnimationFrame(() => find("twice").classList.add("on")));
  gsap.to("#loose", { x: 300, duration: 2, ease: "none" });
  customElements.define("x-tile", class extends HTMLElement {
    connectedCallback() {
      this.attachShadow({ mode: "closed" }).innerHTML =
        "<style>@keyframes go { to { transform: translateX(150px) } }" +
        "i { position: absolute; width: 10px; height: 10px; background: #ff0; animation: go 2s both }</style><i></i>";
    }
  });
  const context = find("canvas").getContext("2d");
  const draw = (now) => {
    context.clearRect(0, 0, 320, 10);
    context.fillStyle = `rgb(${Math.floor(Math.random() * 256)} 128 255)`;
    context.fillRect(now / 7, 0, 10, 10);
    requestAnimationFrame(draw);
  };
  requestAnimationFrame(draw);
  const bar = d3.select("#d3").append("rect").attr("width", 10).attr("height", 10).attr("fill", "#888");
  const moving = bar.transition().delay(200).duration(1000).ease(d3.easeLinear).attr("x", 200);
  moving.transition().duration(500).attr("x", 0);
  window.__hfD3 = [moving];
  lottie.loadAnimation({ container: find("lottie"), renderer: "svg", loop: true, autoplay: true, path: "lottie.json" });
  window.__hfAnime = [anime.animate("#anime", { x: 300, duration: 1500, delay: 100, autoplay: false })];
  addEventListener("hf-seek", () => {
    const { currentTime } = document.timeline;
    seen.times = [Date.now(), performance.now(), performance.timeOrigin, currentTime, new Event("x").timeStamp];
    seen.uuid = crypto.randomUUID();
  });
  requestIdleCallback(() => { seen.idle = true; });
"""

_INNER = """<!doctype html><style>
  @keyframes go { to { transform: translateX(110px); } }
  html, body { margin: 0 } i { position: absolute; width: 10px; height: 10px; background: #c0f; animation: go 2s both }
</style><i></i><b style="position:absolute;top:10px;width:9px;height:2px;background:#0cf"></b>
<script src="gsap.min.js"></script><script>gsap.to("b", { x: 100, duration: 2, ease: "none" });</script>"""


def write_live_project(folder: Path) -> Path:
    """320x180, two seconds."""
    write_project(folder, _BODY, script=_SCRIPT, head=_HEAD, duration=2)
    for name, source in LIBRARIES.items():
        shutil.copyfile(NODE_MODULES / source, folder / name)
    (folder / "lottie.json").write_text(json.dumps(LOTTIE))
    (folder / "inner.html").write_text(_INNER)
    return folder

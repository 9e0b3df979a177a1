// The Earth seen side-on with its axis upright, so the sun is what climbs and sinks through the year.
// Rendered inside the seek event, as a function of its time alone.
import * as THREE from "./vendor/three.module.js";

const { at, declination, RAD } = window.story;

const canvas = document.getElementById("globe");
const renderer = new THREE.WebGLRenderer({ canvas, alpha: true, antialias: true, preserveDrawingBuffer: true });
renderer.setSize(canvas.width, canvas.height, false);

const scene = new THREE.Scene();
const camera = new THREE.PerspectiveCamera(26, 1, 0.1, 20);
camera.position.set(0, 1.25, 5.75);
camera.lookAt(0, 0, 0);

// 500 facets, each a shade apart by a fixed hash: enough grain to see the planet turn.
const geometry = new THREE.IcosahedronGeometry(1, 4);
const colours = [];
const shade = new THREE.Color();
for (let facet = 0; facet < geometry.attributes.position.count / 3; facet++) {
  const hash = Math.abs(Math.sin(facet * 12.9898) * 43758.5453) % 1;
  shade.setHSL(0.105, 0.6, 0.6 + 0.16 * hash);
  for (let corner = 0; corner < 3; corner++) colours.push(shade.r, shade.g, shade.b);
}
geometry.setAttribute("color", new THREE.Float32BufferAttribute(colours, 3));
const earth = new THREE.Mesh(geometry, new THREE.MeshLambertMaterial({ vertexColors: true, flatShading: true }));

const coral = new THREE.MeshBasicMaterial({ color: "#ff4f5e" });
const parallel = new THREE.Mesh(new THREE.TorusGeometry(1, 0.016, 5, 72).rotateX(Math.PI / 2), coral);
const place = new THREE.Mesh(new THREE.IcosahedronGeometry(0.05, 1), coral);
const axis = new THREE.Mesh(
  new THREE.CylinderGeometry(0.008, 0.008, 2.44, 5),
  new THREE.MeshBasicMaterial({ color: "#8d93c9" }),
);
const sun = new THREE.DirectionalLight("#ffe6b0", 4.4);
scene.add(earth, parallel, place, axis, sun, new THREE.AmbientLight("#3d48d8", 1.1));

function draw(time) {
  const { day, latitude } = at(time);
  const phi = latitude * RAD;
  const delta = declination(day);
  const spin = time * 0.9;

  earth.rotation.y = spin;
  parallel.position.y = Math.sin(phi) * 1.01;
  parallel.scale.setScalar(Math.cos(phi) * 1.01);
  const longitude = spin + 0.4;
  place.position.set(
    Math.cos(phi) * Math.sin(longitude) * 1.02,
    Math.sin(phi) * 1.02,
    Math.cos(phi) * Math.cos(longitude) * 1.02,
  );
  sun.position.set(-Math.cos(delta) * 0.86, Math.sin(delta), Math.cos(delta) * 0.5);
  renderer.render(scene, camera);
}

window.addEventListener("hf-seek", (event) => draw(event.detail.time));
draw(window.__hfThreeTime ?? 0);

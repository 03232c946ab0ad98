// The scene: a few large spheres among a sunflower spiral of small ones on a polished floor at dusk. Rays find spheres
// through a tree of bounding spheres.

import { mix64 } from "assay/random";
import { cosine, sinCos, sine } from "assay/trig";

/** Diffuse under a clear coat. */
export const COATED: i32 = 0;
export const METAL: i32 = 1;
export const GLASS: i32 = 2;
export const GLOWING: i32 = 3;

@unmanaged
export class Sphere {
  x: f64;
  y: f64;
  z: f64;
  radius: f64;
  red: f64;
  green: f64;
  blue: f64;
  roughness: f64;
  material: i32;
}

/** A sphere around the spheres `first` to `first + count`, or around inner nodes when count is 0. */
@unmanaged
class Node {
  x: f64;
  y: f64;
  z: f64;
  radius: f64;
  /** The node to go on with when this one is missed; nodes are stored depth first. */
  next: usize;
  first: i32;
  count: i32;
}

/** Spheres there is room for. */
const CAPACITY = 400;
const SPIRAL = 380;
/** Spheres in a leaf of the tree, at most. */
const LEAF = 2;
/** Bytes of the structures above, rounded up to keep their numbers aligned. */
const SPHERE_SIZE: i32 = 72;
const NODE_SIZE: i32 = 48;
const spheres = memory.data(CAPACITY * SPHERE_SIZE, 16);
const nodes = memory.data(2 * CAPACITY * NODE_SIZE, 16);
const spare = memory.data(SPHERE_SIZE, 16);

let sphereCount = 0;
let nodesEnd: usize = 0;

/** Distance to what `nearestSphere` found. */
export let distance = 0.0;

// @ts-ignore: decorator
@inline
function sphereAt(index: i32): Sphere {
  return changetype<Sphere>(spheres + index * SPHERE_SIZE);
}

/** Places the spheres and builds the tree. */
export function buildScene(): void {
  sphereCount = 0;
  addSphere(-0.25, 0.95, 1.5, 0.95, GLASS, 0.98, 0.995, 0.99, 0.0);
  addSphere(1.95, 1.1, 0.1, 1.1, METAL, 1.0, 0.72, 0.32, 0.03);
  addSphere(-2.15, 1.15, -0.2, 1.15, COATED, 0.6, 0.03, 0.03, 0.0);
  addSphere(0.1, 1.5, -2.9, 1.5, METAL, 0.86, 0.88, 0.92, 0.12);
  const large = sphereCount;
  for (let i = 1; i <= SPIRAL; i++) addSpiralSphere(i, large);
  nodesEnd = buildNode(nodes, 0, sphereCount);
}

function addSphere(x: f64, y: f64, z: f64, radius: f64, material: i32, red: f64, green: f64, blue: f64, roughness: f64): void {
  const sphere = sphereAt(sphereCount++);
  sphere.x = x;
  sphere.y = y;
  sphere.z = z;
  sphere.radius = radius;
  sphere.material = material;
  sphere.red = red;
  sphere.green = green;
  sphere.blue = blue;
  sphere.roughness = roughness;
}

/** The i-th small sphere: each a golden angle further around and a little further out, as seeds of a sunflower stand. */
function addSpiralSphere(i: i32, large: i32): void {
  const dice = mix64(i);
  const radius = 0.13 + 0.1 * unit(dice, 0);
  const turns = <f64>i * 0.3819660112501051;
  const out = 0.46 * sqrt(<f64>i);
  sinCos(turns);
  const x = out * cosine;
  const z = out * sine - 0.4;
  if (z > 4.6) return;
  for (let j = 0; j < large; j++) {
    const other = sphereAt(j);
    const gapX = other.x - x;
    const gapZ = other.z - z;
    // Two spheres on the floor touch when their feet are 2 sqrt(r R) apart.
    if (gapX * gapX + gapZ * gapZ < 4.4 * radius * other.radius) return;
  }
  const kind = unit(dice, 1);
  if (kind < 0.12) addSphere(x, radius, z, radius, GLOWING, 3.2, 0.95, 0.16, 0.0);
  else if (kind < 0.26) addSphere(x, radius, z, radius, GLASS, 0.96, 0.98, 0.99, 0.0);
  else paint(x, z, radius, kind < 0.42 ? METAL : COATED, unit(dice, 2));
}

/** A small sphere in one of the scene's colors. */
function paint(x: f64, z: f64, radius: f64, material: i32, dice: f64): void {
  if (dice < 0.3) addSphere(x, radius, z, radius, material, 0.02, 0.3, 0.34, 0.08);
  else if (dice < 0.52) addSphere(x, radius, z, radius, material, 0.9, 0.42, 0.05, 0.08);
  else if (dice < 0.72) addSphere(x, radius, z, radius, material, 0.78, 0.12, 0.07, 0.08);
  else if (dice < 0.88) addSphere(x, radius, z, radius, material, 0.85, 0.76, 0.62, 0.08);
  else addSphere(x, radius, z, radius, material, 0.05, 0.09, 0.35, 0.08);
}

/** 16 bits of the dice as a number in [0, 1). */
function unit(dice: u64, part: i32): f64 {
  return <f64>((dice >> (part << 4)) & 0xffff) * (1.0 / 65536.0);
}

/** Writes the tree of spheres `first` to `end` at `at`; returns the address behind it. */
function buildNode(at: usize, first: i32, end: i32): usize {
  const node = changetype<Node>(at);
  encloseSpheres(node, first, end);
  node.first = first;
  node.count = end - first <= LEAF ? end - first : 0;
  let next = at + NODE_SIZE;
  if (node.count == 0) {
    const middle = (first + end) >> 1;
    sortSpheres(first, end);
    next = buildNode(buildNode(next, first, middle), middle, end);
  }
  node.next = next;
  return next;
}

/** Centers the node on the box around the spheres: all stand on the floor, so height doesn't matter much. */
function encloseSpheres(node: Node, first: i32, end: i32): void {
  let lowX = Infinity;
  let lowZ = Infinity;
  let highX = -Infinity;
  let highZ = -Infinity;
  let highY = 0.0;
  for (let i = first; i < end; i++) {
    const sphere = sphereAt(i);
    lowX = min(lowX, sphere.x - sphere.radius);
    lowZ = min(lowZ, sphere.z - sphere.radius);
    highX = max(highX, sphere.x + sphere.radius);
    highZ = max(highZ, sphere.z + sphere.radius);
    highY = max(highY, sphere.y + sphere.radius);
  }
  node.x = (lowX + highX) * 0.5;
  node.y = highY * 0.5;
  node.z = (lowZ + highZ) * 0.5;
  let radius = 0.0;
  for (let i = first; i < end; i++) {
    const sphere = sphereAt(i);
    const x = sphere.x - node.x;
    const y = sphere.y - node.y;
    const z = sphere.z - node.z;
    radius = max(radius, sqrt(x * x + y * y + z * z) + sphere.radius);
  }
  node.radius = radius;
}

/** Sorts along the longer side, by insertion: there are few. */
function sortSpheres(first: i32, end: i32): void {
  let spanX = 0.0;
  let spanZ = 0.0;
  const start = sphereAt(first);
  for (let i = first; i < end; i++) {
    spanX = max(spanX, abs(sphereAt(i).x - start.x));
    spanZ = max(spanZ, abs(sphereAt(i).z - start.z));
  }
  const alongX = spanX > spanZ;
  for (let i = first + 1; i < end; i++) {
    const key = alongX ? sphereAt(i).x : sphereAt(i).z;
    let j = i;
    while (j > first && (alongX ? sphereAt(j - 1).x : sphereAt(j - 1).z) > key) j--;
    if (j == i) continue;
    memory.copy(spare, changetype<usize>(sphereAt(i)), SPHERE_SIZE);
    memory.copy(changetype<usize>(sphereAt(j + 1)), changetype<usize>(sphereAt(j)), (i - j) * SPHERE_SIZE);
    memory.copy(changetype<usize>(sphereAt(j)), spare, SPHERE_SIZE);
  }
}

/** The first sphere that a ray meets closer than `limit`, or null; sets `distance`. */
export function nearestSphere(ox: f64, oy: f64, oz: f64, dx: f64, dy: f64, dz: f64, limit: f64): Sphere | null {
  let found: Sphere | null = null;
  let closest = limit;
  let at: usize = nodes;
  while (at < nodesEnd) {
    const node = changetype<Node>(at);
    const x = node.x - ox;
    const y = node.y - oy;
    const z = node.z - oz;
    const along = x * dx + y * dy + z * dz;
    const outside = x * x + y * y + z * z - node.radius * node.radius;
    // Missed when the line passes by, or the sphere lies behind, or wholly beyond what was found.
    if (along * along < outside || (outside > 0.0 && along < 0.0) || along - node.radius > closest) {
      at = node.next;
      continue;
    }
    at += NODE_SIZE;
    for (let i = node.first, end = node.first + node.count; i < end; i++) {
      const sphere = sphereAt(i);
      const hit = hitSphere(sphere.x - ox, sphere.y - oy, sphere.z - oz, sphere.radius, dx, dy, dz);
      if (hit < closest) {
        closest = hit;
        found = sphere;
      }
    }
  }
  distance = closest;
  return found;
}

/** Whether any sphere stands in the way within `limit`. */
export function blocked(ox: f64, oy: f64, oz: f64, dx: f64, dy: f64, dz: f64, limit: f64): bool {
  let at: usize = nodes;
  while (at < nodesEnd) {
    const node = changetype<Node>(at);
    const x = node.x - ox;
    const y = node.y - oy;
    const z = node.z - oz;
    const along = x * dx + y * dy + z * dz;
    const outside = x * x + y * y + z * z - node.radius * node.radius;
    if (along * along < outside || (outside > 0.0 && along < 0.0)) {
      at = node.next;
      continue;
    }
    at += NODE_SIZE;
    for (let i = node.first, end = node.first + node.count; i < end; i++) {
      const sphere = sphereAt(i);
      if (hitSphere(sphere.x - ox, sphere.y - oy, sphere.z - oz, sphere.radius, dx, dy, dz) < limit) return true;
    }
  }
  return false;
}

/** Distance along a unit direction to a sphere whose center lies at (x, y, z) from the origin; infinite if missed. */
// @ts-ignore: decorator
@inline
export function hitSphere(x: f64, y: f64, z: f64, radius: f64, dx: f64, dy: f64, dz: f64): f64 {
  const along = x * dx + y * dy + z * dz;
  const root = along * along - (x * x + y * y + z * z) + radius * radius;
  if (root < 0.0) return Infinity;
  const half = sqrt(root);
  const near = along - half;
  if (near > EPSILON) return near;
  const far = along + half;
  return far > EPSILON ? far : Infinity;
}

/** A ray doesn't meet what it starts on. */
export const EPSILON = 1e-7;

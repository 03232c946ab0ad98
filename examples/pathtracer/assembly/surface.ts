// How a path goes on from a surface: in which direction, with what weight.

import { u, v } from "./sampler";
import { cosine, sinCos, sine } from "assay/trig";

/** Unit direction in which the path goes on. */
export let nextX = 0.0;
export let nextY = 0.0;
export let nextZ = 0.0;
/** What a choice between two ways counts, so that trying one more often than its share changes no mean. */
export let weight = 1.0;

const GLASS_INDEX = 1.5;
/** Mirror reflection of glass or a clear coat seen head on. */
const HEAD_ON = 0.04;
/** Clear surfaces mirror little but what is bright, so mirror paths are tried this often at least, at less weight. */
const MIRROR_CHANCE = 0.2;

/** In proportion to the cosine with the normal. */
export function scatter(nx: f64, ny: f64, nz: f64): void {
  onSphere(0.9999);
  setNext(nextX + nx, nextY + ny, nextZ + nz);
}

/** The mirror direction, blurred by roughness. */
export function mirror(dx: f64, dy: f64, dz: f64, nx: f64, ny: f64, nz: f64, facing: f64, roughness: f64): void {
  onSphere(roughness);
  const twice = 2.0 * facing;
  setNext(dx + nx * twice + nextX, dy + ny * twice + nextY, dz + nz * twice + nextZ);
  // What the blur sent into the surface comes out mirrored.
  const into = nextX * nx + nextY * ny + nextZ * nz;
  if (into < 0.0) setNext(nextX - 2.0 * into * nx, nextY - 2.0 * into * ny, nextZ - 2.0 * into * nz);
}

/** Whether the path is mirrored by a clear coat, not scattered below it; decided by the current pair, sets the weight only. */
export function mirroredByCoat(facing: f64): bool {
  return chooseMirror(fresnel(facing));
}

/** Through glass or off it, decided by the current pair. */
export function refract(dx: f64, dy: f64, dz: f64, nx: f64, ny: f64, nz: f64, facing: f64): void {
  const entering = facing > 0.0;
  const ratio = entering ? 1.0 / GLASS_INDEX : GLASS_INDEX;
  const cosIn = abs(facing);
  const squared = 1.0 - ratio * ratio * (1.0 - cosIn * cosIn);
  const cosOut = sqrt(max(squared, 0.0));
  weight = 1.0;
  if (squared <= 0.0 || chooseMirror(fresnel(entering ? cosIn : cosOut))) {
    const twice = 2.0 * facing;
    setNext(dx + nx * twice, dy + ny * twice, dz + nz * twice);
  } else {
    const bend = (entering ? 1.0 : -1.0) * (ratio * cosIn - cosOut);
    setNext(dx * ratio + nx * bend, dy * ratio + ny * bend, dz * ratio + nz * bend);
  }
}

/** How far reflection has risen from head on (0) to grazing (1): Schlick's fifth power. */
export function grazing(facing: f64): f64 {
  const x = 1.0 - facing;
  const squared = x * x;
  return squared * squared * x;
}

function fresnel(facing: f64): f64 {
  return HEAD_ON + (1.0 - HEAD_ON) * grazing(facing);
}

/** Decides by the current pair; sets the weight. */
function chooseMirror(share: f64): bool {
  const chance = MIRROR_CHANCE + (1.0 - MIRROR_CHANCE) * share;
  const mirrored = u < chance;
  weight = mirrored ? share / chance : (1.0 - share) / (1.0 - chance);
  return mirrored;
}

/** Sets the next direction to the current pair's point on a sphere. */
function onSphere(radius: f64): void {
  const height = 1.0 - 2.0 * u;
  const ring = radius * sqrt(max(0.0, 1.0 - height * height));
  sinCos(v);
  nextX = ring * cosine;
  nextY = ring * sine;
  nextZ = radius * height;
}

function setNext(x: f64, y: f64, z: f64): void {
  const scale = 1.0 / sqrt(x * x + y * y + z * z);
  nextX = x * scale;
  nextY = y * scale;
  nextZ = z * scale;
}

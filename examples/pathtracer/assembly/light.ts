// Where light comes from: the sky at dusk, and a large warm key light that surfaces look for.

import { u, v } from "./sampler";
import { blocked, hitSphere } from "./scene";
import { cosine, sinCos, sine } from "assay/trig";

/** Light that the path being followed has brought so far. */
export let red = 0.0;
export let green = 0.0;
export let blue = 0.0;

/** Light that comes by way of a diffuse surface is cut here: rare bright paths would be seen as specks. */
const INDIRECT_LIMIT = 1.0;

const KEY_X = -7.5;
const KEY_Y = 8.0;
const KEY_Z = 4.5;
const KEY_RADIUS = 2.4;
const KEY_RED = 15.0;
const KEY_GREEN = 11.6;
const KEY_BLUE = 8.0;

let limit = Infinity;

/** Starts a path in the dark. */
export function startLight(): void {
  red = 0.0;
  green = 0.0;
  blue = 0.0;
  limit = Infinity;
}

/** From here on the path's light is indirect. */
export function limitLight(): void {
  limit = INDIRECT_LIMIT;
}

export function addLight(r: f64, g: f64, b: f64): void {
  red += min(r, limit);
  green += min(g, limit);
  blue += min(b, limit);
}

/** Light from the sky in a direction: warm at the horizon, brightest below the key light, deep blue overhead. */
export function addSky(r: f64, g: f64, b: f64, dx: f64, dy: f64, dz: f64): void {
  const height = sqrt(max(dy, 0.0));
  const low = (1.0 - height) * (1.0 - height);
  const west = max(0.0, 0.5 - 0.7 * dx - 0.3 * dz);
  const glow = low * (0.35 + 0.65 * west * west);
  addLight(r * (0.04 + 0.8 * glow), g * (0.08 + 0.3 * glow), b * (0.24 + 0.06 * glow));
}

/** Distance to the key light. */
export function hitKeyLight(ox: f64, oy: f64, oz: f64, dx: f64, dy: f64, dz: f64): f64 {
  return hitSphere(KEY_X - ox, KEY_Y - oy, KEY_Z - oz, KEY_RADIUS, dx, dy, dz);
}

/** Light from the key light seen directly. */
export function addKeyLight(r: f64, g: f64, b: f64): void {
  addLight(r * KEY_RED, g * KEY_GREEN, b * KEY_BLUE);
}

/** Light from the key light off a diffuse surface: its cone is sampled evenly by the current pair. */
export function sampleKeyLight(r: f64, g: f64, b: f64, x: f64, y: f64, z: f64, nx: f64, ny: f64, nz: f64): void {
  const toX = KEY_X - x;
  const toY = KEY_Y - y;
  const toZ = KEY_Z - z;
  const squared = toX * toX + toY * toY + toZ * toZ;
  const scale = 1.0 / sqrt(squared);
  const wx = toX * scale;
  const wy = toY * scale;
  const wz = toZ * scale;
  const coneHeight = 1.0 - sqrt(1.0 - (KEY_RADIUS * KEY_RADIUS) / squared);
  const cosTheta = 1.0 - u * coneHeight;
  const sinTheta = sqrt(1.0 - cosTheta * cosTheta);
  sinCos(v);
  const across = sinTheta * cosine;
  const aside = sinTheta * sine;
  // A basis around w (Duff et al., "Building an Orthonormal Basis, Revisited", 2017).
  const sign = wz >= 0.0 ? 1.0 : -1.0;
  const p = -1.0 / (sign + wz);
  const q = wx * wy * p;
  const lx = wx * cosTheta + (1.0 + sign * wx * wx * p) * across + q * aside;
  const ly = wy * cosTheta + sign * q * across + (sign + wy * wy * p) * aside;
  const lz = wz * cosTheta - sign * wx * across - wy * aside;
  const facing = lx * nx + ly * ny + lz * nz;
  if (facing <= 0.0) return;
  if (blocked(x, y, z, lx, ly, lz, hitKeyLight(x, y, z, lx, ly, lz))) return;
  // Albedo over pi, times the cone's solid angle 2 pi (1 - cos).
  const strength = 2.0 * coneHeight * facing;
  addKeyLight(r * strength, g * strength, b * strength);
}

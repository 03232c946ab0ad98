// A thin-lens camera.

import { cosine, sinCos, sine } from "assay/trig";
import { drawPair, u, v } from "./sampler";

/** The ray shot last: origin and unit direction. */
export let ox = 0.0;
export let oy = 0.0;
export let oz = 0.0;
export let dx = 0.0;
export let dy = 0.0;
export let dz = 0.0;

const EYE_X = 0.0;
const EYE_Y = 2.7;
const EYE_Z = 10.2;
const TARGET_X = 0.0;
const TARGET_Y = 0.72;
const TARGET_Z = 0.0;
/** Half the height of the picture at distance 1: the tangent of half the vertical field of view. */
const HALF_HEIGHT = 0.245;
const LENS_RADIUS = 0.05;
const FOCUS_DISTANCE = 9.2;

let forwardX = 0.0;
let forwardY = 0.0;
let forwardZ = 0.0;
let rightX = 0.0;
let rightZ = 0.0;
let upX = 0.0;
let upY = 0.0;
let upZ = 0.0;
let pixelSize = 0.0;
let halfWidth = 0.0;
let halfHeight = 0.0;

/** Sets the camera up for an image of this size in pixels. */
export function aimCamera(width: u32, height: u32): void {
  forwardX = TARGET_X - EYE_X;
  forwardY = TARGET_Y - EYE_Y;
  forwardZ = TARGET_Z - EYE_Z;
  const length = sqrt(forwardX * forwardX + forwardY * forwardY + forwardZ * forwardZ);
  forwardX /= length;
  forwardY /= length;
  forwardZ /= length;
  // right = forward x (0, 1, 0); up = right x forward
  const flat = sqrt(forwardX * forwardX + forwardZ * forwardZ);
  rightX = -forwardZ / flat;
  rightZ = forwardX / flat;
  upX = -rightZ * forwardY;
  upY = rightZ * forwardX - rightX * forwardZ;
  upZ = rightX * forwardY;
  pixelSize = 2.0 * HALF_HEIGHT / <f64>height;
  halfWidth = 0.5 * <f64>width;
  halfHeight = 0.5 * <f64>height;
}

/** Shoots a ray through a random point of a pixel and of the lens. */
export function shootRay(x: u32, y: u32): void {
  drawPair(0);
  const across = (<f64>x + u - halfWidth) * pixelSize;
  const above = (halfHeight - <f64>y - v) * pixelSize;
  drawPair(1);
  sinCos(v);
  const radius = LENS_RADIUS * sqrt(u);
  const lensX = radius * cosine;
  const lensY = radius * sine;
  ox = EYE_X + rightX * lensX + upX * lensY;
  oy = EYE_Y + upY * lensY;
  oz = EYE_Z + rightZ * lensX + upZ * lensY;
  dx = EYE_X + (forwardX + rightX * across + upX * above) * FOCUS_DISTANCE - ox;
  dy = EYE_Y + (forwardY + upY * above) * FOCUS_DISTANCE - oy;
  dz = EYE_Z + (forwardZ + rightZ * across + upZ * above) * FOCUS_DISTANCE - oz;
  const scale = 1.0 / sqrt(dx * dx + dy * dy + dz * dz);
  dx *= scale;
  dy *= scale;
  dz *= scale;
}

// Follows one path from the camera to the light.

import { dx as cameraDx, dy as cameraDy, dz as cameraDz, ox as cameraX, oy as cameraY, oz as cameraZ } from "./camera";
import { addKeyLight, addLight, addSky, hitKeyLight, limitLight, sampleKeyLight, startLight } from "./light";
import { drawPair, uniform } from "./sampler";
import { COATED, EPSILON, GLASS, GLOWING, METAL, distance, nearestSphere } from "./scene";
import { grazing, mirror, mirroredByCoat, nextX, nextY, nextZ, refract, scatter, weight } from "./surface";

const MAX_BOUNCES = 12;
/** Bounces before a path may end by chance. */
const SURE_BOUNCES = 3;
/** Pairs of random numbers that the camera uses, and each bounce. */
const CAMERA_PAIRS = 2;
const BOUNCE_PAIRS = 3;

/** Follows the ray that the camera shot; the light it brings is in `light`. */
export function trace(): void {
  let ox = cameraX;
  let oy = cameraY;
  let oz = cameraZ;
  let dx = cameraDx;
  let dy = cameraDy;
  let dz = cameraDz;
  // What the path so far lets through.
  let pathRed = 1.0;
  let pathGreen = 1.0;
  let pathBlue = 1.0;
  // Diffuse surfaces have sampled the key light already, so a path that leaves one must not count it again.
  let keyLightCounts = true;
  startLight();

  for (let bounce = 0; bounce < MAX_BOUNCES; bounce++) {
    const ground = dy < 0.0 && oy > EPSILON ? -oy / dy : Infinity;
    const keyLight = keyLightCounts ? hitKeyLight(ox, oy, oz, dx, dy, dz) : Infinity;
    const sphere = nearestSphere(ox, oy, oz, dx, dy, dz, min(ground, keyLight));
    const t = distance;
    if (t == Infinity) {
      addSky(pathRed, pathGreen, pathBlue, dx, dy, dz);
      return;
    }
    if (!sphere && keyLight <= ground) {
      addKeyLight(pathRed, pathGreen, pathBlue);
      return;
    }

    ox += dx * t;
    oz += dz * t;
    let nx = 0.0;
    let ny = 1.0;
    let nz = 0.0;
    let material = COATED;
    let colorRed = 0.0;
    let colorGreen = 0.0;
    let colorBlue = 0.0;
    let roughness = 0.04;
    if (sphere) {
      oy += dy * t;
      const scale = 1.0 / sphere.radius;
      nx = (ox - sphere.x) * scale;
      ny = (oy - sphere.y) * scale;
      nz = (oz - sphere.z) * scale;
      material = sphere.material;
      colorRed = sphere.red;
      colorGreen = sphere.green;
      colorBlue = sphere.blue;
      roughness = sphere.roughness;
    } else {
      oy = 0.0;
      // The far floor melts into the sky.
      const haze = (t * t) / (t * t + 1600.0);
      addSky(pathRed * haze, pathGreen * haze, pathBlue * haze, dx, 0.0, dz);
      pathRed *= 1.0 - haze;
      pathGreen *= 1.0 - haze;
      pathBlue *= 1.0 - haze;
      colorRed = floorShade(ox, oz);
      colorGreen = 0.96 * colorRed;
      colorBlue = 0.92 * colorRed;
    }
    if (material == GLOWING) {
      addLight(pathRed * colorRed, pathGreen * colorGreen, pathBlue * colorBlue);
      return;
    }

    const dimension = CAMERA_PAIRS + BOUNCE_PAIRS * bounce;
    const facing = -(dx * nx + dy * ny + dz * nz);
    // Mirror images are white where they don't come from metal, or come off it at a grazing angle.
    let whiteness = 0.0;
    keyLightCounts = true;
    drawPair(dimension);
    if (material == GLASS) {
      refract(dx, dy, dz, nx, ny, nz, facing);
    } else if (material == METAL || mirroredByCoat(facing)) {
      whiteness = material == METAL ? grazing(facing) : 1.0;
      drawPair(dimension + 1);
      mirror(dx, dy, dz, nx, ny, nz, facing, roughness);
    } else {
      drawPair(dimension + 1);
      scatter(nx, ny, nz);
      keyLightCounts = false;
    }
    const share = material == METAL ? 1.0 : weight;
    pathRed *= share * (colorRed + (1.0 - colorRed) * whiteness);
    pathGreen *= share * (colorGreen + (1.0 - colorGreen) * whiteness);
    pathBlue *= share * (colorBlue + (1.0 - colorBlue) * whiteness);
    if (!keyLightCounts) {
      drawPair(dimension + 2);
      sampleKeyLight(pathRed, pathGreen, pathBlue, ox, oy, oz, nx, ny, nz);
      limitLight();
    }

    // Paths that carry little end by chance; those that go on make up for them.
    if (bounce >= SURE_BOUNCES) {
      const survival = min(0.95, max(pathRed, max(pathGreen, pathBlue)));
      if (uniform() >= survival) return;
      pathRed /= survival;
      pathGreen /= survival;
      pathBlue /= survival;
    }
    dx = nextX;
    dy = nextY;
    dz = nextZ;
  }
}

/** Brightness of the floor's tiles. */
function floorShade(x: f64, z: f64): f64 {
  const column = <i32>floor(x * 0.8);
  const row = <i32>floor(z * 0.8);
  return (column + row) & 1 ? 0.22 : 0.1;
}

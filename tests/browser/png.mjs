// Makes a screenshot small enough to keep in the tree: 256 colours instead of millions. A console has few; what
// the letters' edges add beyond that goes to the nearest. PNG, ISO/IEC 15948.
import { deflateSync, inflateSync } from "node:zlib";

const table = Array.from({ length: 256 }, (_, n) => { let c = n; for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1; return c >>> 0; });
function crc(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) c = table[(c ^ byte) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}
function chunk(type, data) {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, "latin1");
  data.copy(out, 8);
  out.writeUInt32BE(crc(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}

function pixels(png) {
  let at = 8, width = 0, height = 0, channels = 3;
  const parts = [];
  while (at < png.length) {
    const length = png.readUInt32BE(at), type = png.toString("latin1", at + 4, at + 8), data = png.subarray(at + 8, at + 8 + length);
    if (type === "IHDR") {
      width = data.readUInt32BE(0);
      height = data.readUInt32BE(4);
      if (data[8] !== 8 || (data[9] !== 2 && data[9] !== 6) || data[12] !== 0) return null;
      channels = data[9] === 6 ? 4 : 3;
    } else if (type === "IDAT") parts.push(data);
    at += 12 + length;
  }
  const raw = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  const out = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const value = raw[y * (stride + 1) + 1 + x];
      const a = x >= channels ? out[y * stride + x - channels] : 0, b = y > 0 ? out[(y - 1) * stride + x] : 0, c = x >= channels && y > 0 ? out[(y - 1) * stride + x - channels] : 0;
      let guess = 0;
      if (filter === 1) guess = a;
      else if (filter === 2) guess = b;
      else if (filter === 3) guess = (a + b) >> 1;
      else if (filter === 4) {
        const p = a + b - c, pa = Math.abs(p - a), pb = Math.abs(p - b), pc = Math.abs(p - c);
        guess = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
      }
      out[y * stride + x] = (value + guess) & 255;
    }
  }
  return { width, height, channels, data: out };
}

export function smaller(png) {
  const image = pixels(png);
  if (!image) return png;
  const { width, height, channels, data } = image;
  const seen = new Map();
  for (let at = 0; at < data.length; at += channels) {
    const color = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
    seen.set(color, (seen.get(color) ?? 0) + 1);
  }
  // The most used of each small cube of colours, so that rare hues (a severity) keep a place.
  const cubes = new Map();
  for (const [color, many] of seen) {
    const cube = ((color >> 20) & 15) << 8 | ((color >> 12) & 15) << 4 | ((color >> 4) & 15);
    const known = cubes.get(cube);
    if (!known || known.many < many) cubes.set(cube, { color, many: many + (known?.many ?? 0) });
    else known.many += many;
  }
  const leaders = [...cubes.values()].sort((a, b) => b.many - a.many).slice(0, 128).map((one) => one.color);
  const others = [...seen].sort((a, b) => b[1] - a[1]).map(([color]) => color).filter((color) => !leaders.includes(color)).slice(0, 256 - leaders.length);
  const palette = [...leaders, ...others];
  const place = new Map(palette.map((color, index) => [color, index]));
  const nearest = (color) => {
    let best = 0, least = Infinity;
    const r = color >> 16, g = (color >> 8) & 255, b = color & 255;
    palette.forEach((one, index) => {
      const dr = (one >> 16) - r, dg = ((one >> 8) & 255) - g, db = (one & 255) - b;
      const far = dr * dr * 2 + dg * dg * 4 + db * db * 3;
      if (far < least) { least = far; best = index; }
    });
    place.set(color, best);
    return best;
  };
  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * channels;
      const color = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
      lines[y * (width + 1) + 1 + x] = place.get(color) ?? nearest(color);
    }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const colors = Buffer.from(palette.flatMap((color) => [color >> 16, (color >> 8) & 255, color & 255]));
  return Buffer.concat([png.subarray(0, 8), chunk("IHDR", head), chunk("PLTE", colors), chunk("IDAT", deflateSync(lines, { level: 9, memLevel: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

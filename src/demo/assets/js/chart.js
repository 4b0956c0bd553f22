// A line chart, loaded when a page needs one.
export function draw(canvas, values) {
  const box = canvas.getBoundingClientRect();
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(box.width * scale);
  canvas.height = Math.round(box.height * scale);
  const pen = canvas.getContext('2d');
  pen.scale(scale, scale);
  const low = Math.min(...values), high = Math.max(...values), span = high - low || 1;
  const x = (n) => 6 + (n * (box.width - 12)) / (values.length - 1);
  const y = (v) => box.height - 18 - ((v - low) * (box.height - 36)) / span;
  pen.strokeStyle = '#e4ebec';
  for (let line = 0; line < 4; line += 1) {
    const at = 18 + (line * (box.height - 36)) / 3;
    pen.beginPath(); pen.moveTo(0, at); pen.lineTo(box.width, at); pen.stroke();
  }
  pen.beginPath();
  values.forEach((v, n) => (n ? pen.lineTo(x(n), y(v)) : pen.moveTo(x(n), y(v))));
  pen.strokeStyle = '#0f7a86'; pen.lineWidth = 2; pen.stroke();
  pen.lineTo(x(values.length - 1), box.height); pen.lineTo(x(0), box.height); pen.closePath();
  const fade = pen.createLinearGradient(0, 0, 0, box.height);
  fade.addColorStop(0, 'rgba(15,122,134,.22)'); fade.addColorStop(1, 'rgba(15,122,134,0)');
  pen.fillStyle = fade; pen.fill();
}

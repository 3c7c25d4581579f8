import fs from 'node:fs';
for (const m of process.argv.slice(2)) await import(m);
setTimeout(()=>{ const t=fs.readFileSync('/proc/self/status','utf8'); const g=k=>(+(t.match(new RegExp('^'+k+':\\s+(\\d+)','m'))||[])[1]/1024).toFixed(1);
const s=process.memoryUsage();
console.log((process.argv.slice(2).map(x=>x.replace(/.*build.src./,'')).join(' ')||'empty').padEnd(30),'RSS',g('VmRSS'),'anon',g('RssAnon'),'file',g('RssFile'),'heapUsed',(s.heapUsed/1048576).toFixed(1),'heapTotal',(s.heapTotal/1048576).toFixed(1),'ext',(s.external/1048576).toFixed(1));process.exit()},300);

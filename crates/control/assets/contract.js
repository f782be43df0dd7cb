const place = document.getElementById('contract');
Redoc.init(place.dataset.document, { showExtensions: ['x-evidence'], nativeScrollbars: true }, place);

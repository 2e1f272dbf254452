"""Finding passages: fusing the dense and the keyword search behind one async seam."""

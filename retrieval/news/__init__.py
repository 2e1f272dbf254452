"""Getting articles: from files to `Article`, whatever form the publisher gave them."""
